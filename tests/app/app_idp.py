"""An OpenID Connect provider that does what a test says: honest, forging, forgetful."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwk, jwt


@dataclass
class Provider:
    issuer: str
    client: str
    secret: str
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one"}))
    person: dict[str, Any] = field(default_factory=dict)
    """Claims of who signs in next."""
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims of the token that are not as they should be."""
    forged: bool = False
    """The token is signed with another key."""
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code was given for."""

    def sign_in(self, **claims: Any) -> None:
        self.person = {"sub": "u1", "name": "李雷", "email_verified": True, **claims}
        self.lies, self.forged = {}, False

    def token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": self.client,
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            **self.person,
            **self.lies,
        }
        key = jwk.RSAKey.generate_key(2048) if self.forged else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


def app_of(idp: Provider) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    async def discovery() -> dict[str, Any]:
        return {
            "issuer": idp.issuer,
            "authorization_endpoint": f"{idp.issuer}/authorize",
            "token_endpoint": f"{idp.issuer}/token",
            "jwks_uri": f"{idp.issuer}/keys",
        }

    @app.get("/keys")
    async def keys() -> dict[str, Any]:
        return {"keys": [idp.key.as_dict(private=False)]}

    @app.get("/authorize")
    async def authorize(request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == idp.client
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(idp.asked)}"
        idp.asked[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

    @app.post("/token")
    async def token(
        request: Request,
        code: str = Form(),
        code_verifier: str = Form(),
        redirect_uri: str = Form(),
    ) -> Response:
        asked = idp.asked.pop(code, None)
        basic = base64.b64encode(f"{idp.client}:{idp.secret}".encode()).decode()
        digest = hashlib.sha256(code_verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = request.headers.get("authorization") == f"Basic {basic}"
        if asked is None or not known or asked["redirect_uri"] != redirect_uri:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "opaque", "token_type": "Bearer", "id_token": idp.token(asked)}
        )

    return app


@asynccontextmanager
async def providing(port: int, client: str, secret: str) -> AsyncIterator[Provider]:
    idp = Provider(f"http://127.0.0.1:{port}", client, secret)
    config = uvicorn.Config(app_of(idp), port=port, log_level="warning", log_config=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[method-assign]
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn offers only a flag
        await asyncio.sleep(0.01)
    try:
        yield idp
    finally:
        server.should_exit = True
        await serving
