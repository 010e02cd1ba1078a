"""tchu-tchu event classes with serializers of Django REST framework."""

from rest_framework import serializers
from tchu_tchu import TchuEvent, subscribe


class LineSerializer(serializers.Serializer):
    """One line of an order."""

    sku = serializers.RegexField(r"^[A-Z]{3}$")
    qty = serializers.IntegerField(min_value=1, max_value=10)
    price = serializers.DecimalField(max_digits=10, decimal_places=2, help_text="In euro")


class OrderSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user = serializers.HiddenField(default=dict)
    note = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=20)
    lines = LineSerializer(many=True)
    first = LineSerializer(required=False)
    tags = serializers.ListField(child=serializers.CharField(), min_length=1, default=list)
    attributes = serializers.DictField(child=serializers.IntegerField(), required=False)
    anything = serializers.JSONField(required=False)
    state = serializers.ChoiceField(choices=[("new", "New"), ("paid", "Paid")], default="new")
    colors = serializers.MultipleChoiceField(choices=["red", "blue"], required=False)
    at = serializers.DateTimeField()
    day = serializers.DateField()
    mail = serializers.EmailField()
    link = serializers.URLField()
    address = serializers.IPAddressField(protocol="ipv4")
    ratio = serializers.FloatField(max_value=1.5)
    active = serializers.BooleanField(allow_null=True)
    took = serializers.DurationField(required=False)
    renamed = serializers.IntegerField(source="other")
    total = serializers.SerializerMethodField()

    def get_total(self, order):
        return 1


class ErrorSerializer(serializers.Serializer):
    error_code = serializers.CharField()


class OrderEvent(TchuEvent):
    class Meta:
        topic = "legacy.order"
        request_serializer_class = OrderSerializer


class PriceEvent(TchuEvent):
    class Meta:
        topic = "rpc.legacy.price"
        request_serializer_class = LineSerializer
        response_serializer_class = OrderSerializer
        error_serializer_class = ErrorSerializer


class PlainEvent(TchuEvent):
    class Meta:
        topic = "legacy.plain"


def handle(event):
    pass


OrderEvent(handler=handle).subscribe()
TchuEvent(topic="legacy.adhoc", request_serializer_class=LineSerializer)


@subscribe("legacy.*")
def on_anything(data):
    pass
