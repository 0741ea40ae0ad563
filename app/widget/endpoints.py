"""The widget's settings for the owner, its configuration for the widget, answers to its questions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.auth.dependencies import KnownVisitor, SignedInAdmin
from app.services import UsedServices
from app.widget.types import WidgetConfig, WidgetSettings

router = APIRouter(tags=["widget"])


class SettingsAnswer(BaseModel):
    settings: WidgetSettings
    revision: int
    """0: nothing is saved, the environment's defaults hold."""
    defaults: WidgetSettings


class SettingsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    settings: WidgetSettings
    revision: Annotated[int, Field(ge=0)]
    """As it was read: a colleague's change in between is not overwritten."""


class DetailsRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answers: dict[str, Annotated[str, Field(max_length=1000)]] = Field(max_length=12)


@router.get("/api/widget/config")
async def widget_config(to: UsedServices, response: Response) -> WidgetConfig:
    response.headers["Access-Control-Allow-Origin"] = "*"  # holds nothing of anybody
    response.headers["Cache-Control"] = "no-cache"
    return await to.database.read(to.widget.config)


@router.get("/api/widget/settings")
async def widget_settings(_admin: SignedInAdmin, to: UsedServices) -> SettingsAnswer:
    settings, revision = await to.database.read(to.widget.saved)
    return SettingsAnswer(settings=settings, revision=revision, defaults=to.widget.defaults)


@router.put("/api/widget/settings")
async def save_widget_settings(
    body: SettingsRequest, admin: SignedInAdmin, to: UsedServices
) -> SettingsAnswer:
    """They hold from the next page view on; open widgets keep theirs until they are reloaded."""
    revision = await to.database.write(
        lambda s: to.widget.save(s, admin.id, body.settings, body.revision)
    )
    return SettingsAnswer(settings=body.settings, revision=revision, defaults=to.widget.defaults)


@router.delete("/api/widget/settings")
async def reset_widget_settings(admin: SignedInAdmin, to: UsedServices) -> SettingsAnswer:
    """Back to what the environment says."""
    revision = await to.database.write(lambda s: to.widget.reset(s, admin.id))
    defaults = to.widget.defaults
    return SettingsAnswer(settings=defaults, revision=revision, defaults=defaults)


@router.post("/api/widget/preview")
async def preview_widget(
    settings: WidgetSettings, _admin: SignedInAdmin, to: UsedServices
) -> WidgetConfig:
    """What the widget would be told, for `/widget/#preview=1` in the dashboard; nothing is saved."""
    return to.widget.config_of(settings)


@router.post("/api/visitor/details", status_code=204)
async def tell_details(body: DetailsRequest, visitor: KnownVisitor, to: UsedServices) -> None:
    """The customer's answers to the questions before the chat."""
    await to.limits.check("event", visitor.id)
    await to.database.write(lambda s: to.prechat.tell(s, visitor.id, body.answers))
