"""The shipping service: plans shipments for orders, and answers what they would cost.

Of the order service it knows what the registry says, as the generated package `shipping.events`.
"""
