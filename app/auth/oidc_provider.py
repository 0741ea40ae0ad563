"""An OpenID Connect provider, as Authlib and joserfc let us ask it: discovery, code for token, and
what may be believed of the token."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx2 as httpx  # which Authlib uses
import structlog
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.errors import Unauthenticated, Unavailable

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by the provider's private key alone: no `none`, and no shared secret."""
SCOPE = "openid email profile"
KNOWN_FOR_S = 3600.0
ANSWER_S = 10.0
LEEWAY_S = 60

log = structlog.get_logger(__name__)
Claims = Mapping[str, Any]


class Provider:
    def __init__(self, issuer: str, client_id: str, client_secret: str | None) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._known_at = -KNOWN_FOR_S

    async def authorization_url(
        self, redirect_uri: str, state: str, nonce: str, verifier: str
    ) -> str:
        """Where the browser goes. Raises `Unavailable`."""
        metadata = await self._discovered()
        async with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    async def claims(self, redirect_uri: str, code: str, nonce: str, verifier: str) -> Claims:
        """Who came back with `code`. Raises `Unauthenticated`, `Unavailable`."""
        metadata = await self._discovered()
        try:
            async with self._client(redirect_uri) as client:
                token = await client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=verifier
                )
                claims = await self._believed(token, nonce)
                if "email" not in claims and "userinfo_endpoint" in metadata:
                    told = (await client.get(metadata["userinfo_endpoint"])).json()
                    if told.get("sub") == claims["sub"]:
                        claims = {**told, **claims}
        except (OAuthError, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("oidc_refused", reason=type(error).__name__)
            raise Unauthenticated("oidc_failed") from None
        except httpx.HTTPError as error:
            raise self._away(error) from None
        return claims

    def _client(self, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=ANSWER_S,
        )

    async def _believed(self, token: Mapping[str, Any], nonce: str) -> Claims:
        """The token's claims, if this provider signed them, for us, now, and for this visit."""
        try:
            decoded = jwt.decode(token["id_token"], await self._key_set(), ALGORITHMS)
        except (JoseError, ValueError):  # it may sign with a new key since
            decoded = jwt.decode(token["id_token"], await self._key_set(anew=True), ALGORITHMS)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": self._metadata["issuer"]},
                "aud": {"essential": True, "value": self._client_id},
            },
            params={
                "nonce": nonce,
                "client_id": self._client_id,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_S)
        return dict(claims)

    async def _discovered(self) -> Mapping[str, Any]:
        if time.monotonic() - self._known_at > KNOWN_FOR_S:
            found = await self._get(f"{self.issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != self.issuer:
                log.error("oidc_other_issuer", expected=self.issuer, got=str(found.get("issuer")))
                raise Unavailable("oidc_unavailable")
            self._metadata, self._known_at = found, time.monotonic()
        return self._metadata

    async def _key_set(self, *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            found = await self._get(self._metadata["jwks_uri"])
            self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        return self._keys

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(timeout=ANSWER_S) as client:
                answer = (await client.get(url)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise self._away(error) from None
        if not isinstance(answer, dict):
            raise Unavailable("oidc_unavailable")
        return answer

    @staticmethod
    def _away(error: Exception) -> Unavailable:
        log.warning("oidc_unavailable", reason=type(error).__name__)
        return Unavailable("oidc_unavailable", retry_after_s=30)
