"""The operations of all resources, made from their table."""

from collections.abc import Iterator
from functools import partial

from gateway.http.accepting import Accepted
from gateway.http.operations import IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, Operation
from gateway.http.resources import changing, reading
from gateway.http.resources.changing import Reason
from gateway.http.resources.kinds import RESOURCES, TALKS, Resource, arguments_of
from gateway.http.resources.reading import Items, PageQuery

_DECIDED = (400, 403, 404, 409, 413, 422, 429, 503)  # how a command may be refused


def _operations(resource: Resource) -> Iterator[Operation]:
    """Offer what a resource can do; the list of all talks and scheduling one are elsewhere."""
    collection = f"/api/talks/{{talk}}/{resource.name}"
    single = f"{collection}/{{{resource.item}}}"
    if resource is TALKS:
        single = "/api/talks/{talk}"
    elif resource.tells:
        yield _listing(resource, collection)
    if resource is not TALKS:
        yield _creating(resource, collection)
    if resource.tells:
        yield _telling(resource, single)
    if resource.changes:
        yield _changing(resource, single)
    if resource.deletes:
        yield _deleting(resource, single)


def _listing(resource: Resource, path: str) -> Operation:
    whose = "the reader's own" if resource.is_private else "the talk's"
    return Operation(
        "GET",
        path,
        partial(reading.page, resource=resource),
        f"Tell {whose} {resource.name} in pages, as far as the reader may see them.",
        query=PageQuery,
        headers=(IF_NONE_MATCH,),
        answers=Items[resource.tells],  # type: ignore[name-defined]
        needs_identity=resource.is_private,
        refusals=(400, 401, 404),
        name=f"list_{resource.name}",
    )


def _telling(resource: Resource, path: str) -> Operation:
    return Operation(
        "GET",
        path,
        partial(reading.one, resource=resource),
        f"Tell one {resource.item}.",
        headers=(IF_NONE_MATCH,),
        answers=resource.tells,
        needs_identity=resource.is_private,
        refusals=(401, 404),
        name=f"read_{resource.item}",
    )


def _creating(resource: Resource, path: str) -> Operation:
    return Operation(
        "POST",
        path,
        partial(changing.create, resource=resource),
        " ".join(_first_lines(*resource.creates)),
        headers=(IDEMPOTENCY_KEY,),
        body=resource.creates,
        answers=Accepted,
        status=201,
        needs_identity=True,
        refusals=_DECIDED,
        name=f"create_{resource.item}",
    )


def _changing(resource: Resource, path: str) -> Operation:
    return Operation(
        "PATCH",
        path,
        partial(changing.change, resource=resource),
        f"Change one thing about a {resource.item}.",
        headers=(IDEMPOTENCY_KEY, IF_MATCH),
        body=resource.change,
        answers=Accepted,
        needs_identity=True,
        refusals=(*_DECIDED, 412),
        name=f"change_{resource.item}",
    )


def _deleting(resource: Resource, path: str) -> Operation:
    takes_reason = any("why" in arguments_of(command) for command in resource.deletes)
    return Operation(
        "DELETE",
        path,
        partial(changing.delete, resource=resource),
        " ".join(_first_lines(*resource.deletes)),
        query=Reason if takes_reason else None,
        headers=(IDEMPOTENCY_KEY, IF_MATCH),
        answers=Accepted,
        needs_identity=True,
        refusals=(*_DECIDED, 412),
        name=f"delete_{resource.item}",
    )


def _first_lines(*documented: type) -> list[str]:
    return [(one.__doc__ or "").partition("\n")[0] for one in documented]


OPERATIONS = tuple(operation for resource in RESOURCES for operation in _operations(resource))
