"""The ways in which a program of an insurer is told no; plain English, since programs read it."""

from medtour.lib.errors import Refusal


class NotLetIn(Refusal):
    """No token, a wrong or ended one, a client or an insurer that is let in no more."""

    code = "invalid_token"
    status = 401

    def __init__(self) -> None:
        super().__init__("Send a valid access token.")


class ScopeMissing(Refusal):
    code = "insufficient_scope"
    status = 403

    def __init__(self, scope: str) -> None:
        super().__init__(f"The access token has no scope {scope}.")


class AddressRefused(Refusal):
    code = "address_refused"
    status = 403

    def __init__(self) -> None:
        super().__init__("This client may not call from this address.")


class TooManyCalls(Refusal):
    code = "too_many_calls"
    status = 429

    def __init__(self) -> None:
        super().__init__("Too many calls within a minute. Try again in a minute.")


class HospitalUnknown(Refusal):
    code = "hospital_unknown"
    status = 422

    def __init__(self) -> None:
        super().__init__("No hospital has this name here. Read the network for the names.")


class KeyUsedBefore(Refusal):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_key_reused"
    status = 422

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request.")


class Unreadable(Refusal):
    """A body that is no JSON object, or holds what it may not; `errors` say where."""

    code = "invalid_request"
    status = 422

    def __init__(
        self, message: str = "The request is not valid.", errors: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.errors = errors


class NotJson(Unreadable):
    code = "not_json"
    status = 400

    def __init__(self) -> None:
        super().__init__("The body is no JSON object.")


class TooLarge(Refusal):
    code = "too_large"
    status = 413

    def __init__(self, most: int) -> None:
        super().__init__(f"The body is larger than {most} bytes.")


class WrongMediaType(Refusal):
    code = "media_type"
    status = 415

    def __init__(self, wanted: str) -> None:
        super().__init__(f"Send the body as {wanted}.")


class NotDoneHere(Refusal):
    """The address is right, the method is not; `allow` is the one that is."""

    code = "method"
    status = 405

    def __init__(self, allow: str) -> None:
        super().__init__("This is not done here.")
        self.allow = allow


class NotHere(Refusal):
    code = "not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is nothing of yours under this address.")
