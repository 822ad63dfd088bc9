"""The OAuth endpoints, and the sessions that they give out."""
import base64
import hashlib
import hmac
import itertools
import json
import subprocess
import tempfile

from errors import ApiError
from http_types import Response, json_response
from values import Number, Raw

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
SCOPE = "api refresh_token"


class Refusal(Exception):
    def __init__(self, error, description, status=400):
        super().__init__(description)
        self.body = {"error": error, "error_description": description}
        self.status = status


class OAuth:
    def __init__(self, database, clock, options):
        self.database = database
        self.clock = clock
        self.options = options
        self.org_id = options.org_id
        self.user_id = options.user_id
        self._numbers = itertools.count(1)
        # token: (user, when it ends or None)
        self.sessions = {options.token: (options.user_id, None)}
        self.refresh_tokens = {options.refresh_token: options.user_id}
        self.base_url = None  # known once the server listens

    # Sessions

    def user_of(self, token):
        """None for a token that is unknown, ended or revoked."""
        user_id, end = self.sessions.get(token, (None, None))
        if end is not None and self.clock.now().timestamp() >= end:
            return None
        return user_id

    def end_sessions(self):
        """All but the static token."""
        self.sessions = {self.options.token: (self.user_id, None)}

    def end_refreshing(self, user_id):
        self.refresh_tokens = {token: user for token, user in self.refresh_tokens.items()
                               if user != user_id}

    def begin_again(self):
        """The tokens that the options name are good again."""
        self.sessions[self.options.token] = (self.user_id, None)
        self.refresh_tokens[self.options.refresh_token] = self.user_id

    def authorize(self, request):
        scheme, _, token = (request.header("Authorization") or "Bearer").partition(" ")
        if scheme.lower() not in ("bearer", "oauth"):
            raise ApiError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE")
        user_id = self.user_of(token.strip())
        if user_id is None:
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        request.user_id = user_id
        return user_id

    def new_session(self, user_id):
        number = next(self._numbers)
        secret = hashlib.sha256(f"{self.options.token}{number}".encode()).hexdigest()
        token = f"{self.org_id[:15]}!{number}.{secret}"
        end = self.clock.now().timestamp() + self.options.session_seconds
        self.sessions[token] = (user_id, end)
        return token

    # Endpoints

    def handle(self, request):
        name = request.path.rstrip("/").rpartition("/")[2]
        handler = {"token": self.token, "revoke": self.revoke, "introspect": self.introspect,
                   "userinfo": self.userinfo}.get(name)
        if not handler:
            return Response(404, "Not Found", kind="text/html;charset=UTF-8")
        try:
            return handler(request)
        except Refusal as refusal:
            return json_response(refusal.status, refusal.body)

    def token(self, request):
        if request.method != "POST":
            raise Refusal("invalid_request", "must use HTTP POST")
        form = {**request.query, **request.form()}
        grant = {JWT_BEARER: self.jwt, "client_credentials": self.client_credentials,
                 "refresh_token": self.refresh, "password": self.password}.get(
                     form.get("grant_type"))
        if not grant:
            raise Refusal("unsupported_grant_type", "grant type not supported")
        return grant(request, form)

    def jwt(self, request, form):
        claims = self.claims(form.get("assertion", ""))
        if claims.get("iss") != self.options.client_id:
            raise Refusal("invalid_client_id", "client identifier invalid")
        if claims.get("aud") not in (*AUDIENCES, self.base_url):
            raise Refusal("invalid_grant", "audience is invalid")
        try:
            end = float(claims.get("exp"))
        except (TypeError, ValueError):
            raise Refusal("invalid_grant", "invalid assertion") from None
        if end <= self.clock.now().timestamp():
            raise Refusal("invalid_grant", "token validity expired")
        user = self.user_named(claims.get("sub"))
        if not user:
            raise Refusal("invalid_grant", "user hasn't approved this consumer")
        # a JWT's reply has neither signature nor issued_at nor a refresh token
        return self.granted(user["Id"], signed=False)

    def claims(self, assertion):
        try:
            header, claims, signature = assertion.split(".")
            if json.loads(decode(header)).get("alg") != "RS256":
                raise ValueError("algorithm")
            read = json.loads(decode(claims))
            if self.options.public_key:
                self.verify(f"{header}.{claims}".encode(), decode(signature))
            if not isinstance(read, dict):
                raise ValueError("claims")
            return read
        except (ValueError, AttributeError):
            raise Refusal("invalid_grant", "invalid assertion") from None

    def verify(self, signed, signature):
        with tempfile.NamedTemporaryFile() as file:
            file.write(signature)
            file.flush()
            command = ["openssl", "dgst", "-sha256", "-verify", self.options.public_key,
                       "-signature", file.name]
            done = subprocess.run(command, input=signed, capture_output=True, check=False)
        if done.returncode:
            raise ValueError("signature")

    def client_credentials(self, request, form):
        self.check_client(request, form, secret=True)
        return self.granted(self.user_id)

    def refresh(self, request, form):
        self.check_client(request, form, secret="client_secret" in form)
        user_id = self.refresh_tokens.pop(form.get("refresh_token"), None)
        if user_id is None:
            raise Refusal("invalid_grant", "expired access/refresh token")
        token = form["refresh_token"]
        if self.options.rotate:
            token = f"{self.options.refresh_token}.{next(self._numbers)}"
        self.refresh_tokens[token] = user_id
        return self.granted(user_id, refresh_token=token if self.options.rotate else None)

    def password(self, request, form):
        self.check_client(request, form, secret=True)
        user = self.user_named(form.get("username"))
        if not user or form.get("password") != self.options.password:
            raise Refusal("invalid_grant", "authentication failure")
        return self.granted(user["Id"])

    def check_client(self, request, form, secret):
        scheme, _, basic = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client, _, key = base64.b64decode(basic).decode().partition(":")
            except ValueError:
                client, key = None, None
        else:
            client, key = form.get("client_id"), form.get("client_secret")
        if client != self.options.client_id:
            raise Refusal("invalid_client_id", "client identifier invalid")
        if secret and key != self.options.client_secret:
            raise Refusal("invalid_client", "invalid client credentials")

    def granted(self, user_id, signed=True, refresh_token=None):
        reply = {"access_token": self.new_session(user_id), "scope": SCOPE,
                 "instance_url": self.base_url, "id": self.identity_url(user_id),
                 "token_type": "Bearer"}
        if signed:
            reply["issued_at"] = str(int(self.clock.now().timestamp() * 1000))
            text = (reply["id"] + reply["issued_at"]).encode()
            digest = hmac.new(self.options.client_secret.encode(), text, hashlib.sha256).digest()
            reply["signature"] = base64.b64encode(digest).decode()
        if refresh_token:
            reply["refresh_token"] = refresh_token
        return json_response(200, reply)

    def revoke(self, request):
        token = {**request.query, **request.form()}.get("token")
        if token in self.refresh_tokens:
            del self.refresh_tokens[token]
        elif token in self.sessions:
            del self.sessions[token]
        else:
            raise Refusal("unsupported_token_type", "this token type is not supported")
        return Response(200, "")

    def introspect(self, request):
        form = request.form()
        self.check_client(request, form, secret=True)
        user_id = self.user_of(form.get("token"))
        if user_id is None:
            return json_response(200, {"active": False})
        end = self.sessions[form["token"]][1]
        return json_response(200, {
            "active": True, "scope": SCOPE, "client_id": self.options.client_id,
            "username": self.user(user_id)["Username"], "sub": self.identity_url(user_id),
            "token_type": "access_token", "exp": Raw("null") if end is None else int(end)})

    # Who somebody is

    def user(self, user_id):
        with self.database.lock:
            return self.database.get("User", user_id)

    def user_named(self, username):
        with self.database.lock:
            found = self.database.find("User", "Username = ?", (username,))
        if found and not found[0]["IsActive"]:
            raise Refusal("invalid_grant", "user is inactive")
        return found[0] if found else None

    def identity_url(self, user_id):
        return f"{self.base_url}/id/{self.org_id}/{user_id}"

    def bearer(self, request):
        """The user of the request's token; a bad one is said in plain text here."""
        try:
            return self.user(self.authorize(request))
        except ApiError:
            return None

    def userinfo(self, request):
        user = self.bearer(request)
        if not user:
            return Response(403, "Bad_OAuth_Token", kind="text/plain;charset=UTF-8")
        return json_response(200, {
            "sub": self.identity_url(user["Id"]), "user_id": user["Id"],
            "organization_id": self.org_id, "preferred_username": user["Username"],
            "nickname": user["CommunityNickname"], "name": user["Name"], "email": user["Email"],
            "email_verified": True, "given_name": user["FirstName"],
            "family_name": user["LastName"], "zoneinfo": user["TimeZoneSidKey"],
            "active": bool(user["IsActive"]), "user_type": "STANDARD", "language": "en_US",
            "locale": "en_US", "utcOffset": Number("0"), "urls": self.urls(user)})

    def identity(self, request):
        user = self.bearer(request)
        if not user:
            return Response(403, "Bad_OAuth_Token", kind="text/plain;charset=UTF-8")
        steps = request.path.strip("/").split("/")
        if len(steps) != 3 or steps[1][:15] != self.org_id[:15] or \
                steps[2][:15] != user["Id"][:15]:
            return Response(403, "Wrong_Org", kind="text/plain;charset=UTF-8")
        return json_response(200, {
            "id": self.identity_url(user["Id"]), "asserted_user": True, "user_id": user["Id"],
            "organization_id": self.org_id, "username": user["Username"],
            "nick_name": user["CommunityNickname"], "display_name": user["Name"],
            "email": user["Email"], "email_verified": True, "first_name": user["FirstName"],
            "last_name": user["LastName"], "timezone": user["TimeZoneSidKey"],
            "active": bool(user["IsActive"]), "user_type": "STANDARD", "urls": self.urls(user)})

    def urls(self, user):
        rest = f"{self.base_url}/services/data/v{{version}}/"
        return {"rest": rest, "sobjects": rest + "sobjects/", "query": rest + "query/",
                "search": rest + "search/", "recent": rest + "recent/",
                "profile": f"{self.base_url}/{user['Id']}"}


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
