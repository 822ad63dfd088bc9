"""Errors as Salesforce answers them."""


class ApiError(Exception):
    """A request that is refused: an HTTP status and the array of errors of its body."""

    def __init__(self, status, code, message, fields=None, extra=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.extra = extra or {}

    def body(self):
        error = dict(self.extra)
        error["message"] = self.message
        error["errorCode"] = self.code
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def row_error(self):
        """The form that a row of a collection has: statusCode, and fields always."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


class QueryError(ApiError):
    """A SOQL error; it shows where in the text, as Salesforce does."""

    def __init__(self, code, message, text=None, position=None):
        if text is not None:
            message = point_at(text, position) + message
        super().__init__(400, code, message)


def point_at(text, position):
    row = text.count("\n", 0, position) + 1
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start:] if end < 0 else text[start:end]
    column = position - start
    cut = max(0, column - 40) if len(line) > 80 else 0
    shown = line[cut:cut + 80]
    caret = " " * (column - cut) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column + 1}\n"


def not_found(message="The requested resource does not exist"):
    return ApiError(404, "NOT_FOUND", message)


def no_such_key(key):
    return not_found(f"Provided external ID field does not exist or is not accessible: {key}")


def method_not_allowed(method, allowed):
    return ApiError(405, "METHOD_NOT_ALLOWED",
                    f"HTTP Method '{method}' not allowed. Allowed are {allowed}")


class BodyError(ApiError):
    """A value that does not fit its field's type: the whole request fails, not its row."""

    def __init__(self, message):
        super().__init__(400, "JSON_PARSER_ERROR", message)
