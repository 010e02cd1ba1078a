"""Models of many kinds; `events` makes an event class of each."""
