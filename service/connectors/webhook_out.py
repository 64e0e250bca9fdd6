"""Delivers approved texts, and notices to the community's own people, to a community's webhooks."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping

import httpx2

from service.connectors.addresses import Forbidden, Resolve, choose_address, resolve
from service.connectors.webhook_in import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from service.domain.community import Community
from service.domain.delivery import OutboxEntry
from service.domain.notice import Notice, NoticeKind
from service.ports.clock import Clock
from service.ports.models import SendResult

_PASSING = frozenset({408, 425, 429})
_KEY_HEADER = "Idempotency-Key"


class WebhookReceiver:
    """Implements `service.ports.models.Receiver` and `Notifier` with a signed POST.

    Args:
        secret: shared with the receiver; signs time and body.
        timeout_s: for the whole exchange, seconds.
        allow_private: also call private and loopback addresses.
        look_up: resolves host names.
    """

    def __init__(
        self,
        *,
        secret: str,
        timeout_s: float,
        allow_private: bool,
        clock: Clock,
        look_up: Resolve = resolve,
    ) -> None:
        self._secret, self._timeout_s, self._clock = secret, timeout_s, clock
        self._allow_private, self._look_up = allow_private, look_up
        self._tls: ssl.SSLContext | None = None

    async def send(self, entry: OutboxEntry, community: Community) -> SendResult:
        """Send; 2xx and a 409 for the same key are successes, redirects are never followed."""
        return await self._try(community.delivery_url, entry.id, body_of(entry))

    async def notify(self, notice: Notice, community: Community) -> SendResult:
        """Send a notice to the address for alerts, in the same manner."""
        return await self._try(community.alert_url, notice.id, notice_body(notice))

    async def _try(self, url: str | None, key: str, body: bytes) -> SendResult:
        if not url:
            return _failed("no receiver is configured", permanent=True)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(url, key, body)
        except Forbidden as error:
            return _failed(str(error), permanent=True)
        except (TimeoutError, httpx2.TimeoutException):
            return _failed("the receiver did not answer in time")
        except (httpx2.HTTPError, OSError):
            return _failed("the receiver cannot be reached")
        except (httpx2.InvalidURL, ValueError):
            return _failed("the receiver's URL is not valid", permanent=True)

    async def _post(self, url: str, key: str, body: bytes) -> SendResult:
        address = await choose_address(
            url, allow_private=self._allow_private, look_up=self._look_up
        )
        target = httpx2.URL(url)
        # A proxy from the environment would resolve the name again, so none is used.
        async with httpx2.AsyncClient(
            verify=await asyncio.to_thread(self._make_tls),
            timeout=self._timeout_s,
            follow_redirects=False,
            trust_env=False,
        ) as client:
            request = client.build_request(
                "POST",
                target.copy_with(host=address),
                content=body,
                headers=self._headers(key, body) | {"Host": target.netloc.decode("ascii")},
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
            )
            response = await client.send(request, stream=True)
            await response.aclose()  # what it says does not matter, and could be endless
        return _judge(response, key)

    def _make_tls(self) -> ssl.SSLContext:
        """Read the certificates once; that takes a tenth of a second."""
        if self._tls is None:
            self._tls = httpx2.create_ssl_context()
        return self._tls

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "Content-Type": "application/json",
            "User-Agent": "huiyin",
            _KEY_HEADER: key,
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: sign(self._secret, timestamp, body),
        }


def body_of(entry: OutboxEntry) -> bytes:
    """The JSON that is sent, the same bytes at every try."""
    content = {
        "id": entry.id,
        "community": entry.community,
        "kind": entry.kind.value,
        "decision_id": entry.decision_id,
        "payload": entry.payload,
    }
    return _json(content)


def notice_body(notice: Notice) -> bytes:
    """The JSON of a notice: numbers and ids; its kind tells it from everything for members."""
    content: dict[str, object] = {
        "id": notice.id,
        "community": notice.community,
        "kind": notice.kind.value,
        "level": notice.level,
    }
    if notice.kind is NoticeKind.INCIDENT:
        content["incident_id"] = notice.incident_id
        content["alerts"] = [alert.model_dump(mode="json") for alert in notice.alerts]
    elif notice.kind is NoticeKind.DRIFT:
        content["drifts"] = [one.model_dump(mode="json") for one in notice.drifts]
    else:
        content["late"] = [one.model_dump(mode="json") for one in notice.breaches]
        content["more"] = notice.more
    return _json(content)


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, default=str).encode(
        "utf-8", "replace"
    )


def _judge(response: httpx2.Response, key: str) -> SendResult:
    code = response.status_code
    if response.is_success or (code == 409 and response.headers.get(_KEY_HEADER, key) == key):
        return SendResult(ok=True, status_code=code, error=None)
    permanent = code < 500 and code not in _PASSING
    what = "redirected, which is not followed" if response.is_redirect else f"answered {code}"
    return _failed(f"the receiver {what}", permanent=permanent, status_code=code)


def _failed(error: str, *, permanent: bool = False, status_code: int | None = None) -> SendResult:
    return SendResult(ok=False, status_code=status_code, error=error, permanent=permanent)
