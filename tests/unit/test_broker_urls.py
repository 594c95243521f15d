"""A broker's URL names one host or a cluster's."""

import pytest
from pika.exceptions import AMQPConnectionError

from projections.fanout.rabbitmq import hosts_of
from projections.fanout.session import SessionLost, cause_of


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("amqp://one", ["amqp://one"]),
        ("amqp://ann:a,b@one,two:1/v", ["amqp://ann:a,b@one/v", "amqp://ann:a,b@two:1/v"]),
        ("amqp://one/v,amqp://two/v", ["amqp://one/v", "amqp://two/v"]),
        (
            "amqps://one,two?frame_max=9000",
            ["amqps://one?frame_max=9000", "amqps://two?frame_max=9000"],
        ),
        ("amqp://[::1]:5,[::2]:6/", ["amqp://[::1]:5/", "amqp://[::2]:6/"]),
    ],
)
def test_each_host_gets_the_rest_of_the_url(url: str, hosts: list[str]):
    assert hosts_of(url) == hosts


def test_the_cause_of_a_failed_connection_is_told_in_its_own_words():
    wrapped = AMQPConnectionError(SessionLost(ConnectionRefusedError(111, "Connection refused")))

    assert cause_of(wrapped) == "[Errno 111] Connection refused"
    assert cause_of(TimeoutError()) == "no answer in time"
