"""Content management: pages of blocks."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Annotated, Any, Literal, Optional, Union

from pydantic import (
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    RootModel,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType, TypeVar


class BlockKind(enum.StrEnum):
    TEXT = "text"
    IMAGE = "image"
    COLUMNS = "columns"
    EMBED = "embed"


class TextBlock(BaseModel):
    kind: Literal[BlockKind.TEXT] = BlockKind.TEXT
    html: str


class ImageBlock(BaseModel):
    kind: Literal[BlockKind.IMAGE]
    src: HttpUrl
    alt: str = ""
    srcset: dict[str, AnyUrl] = {}


class ColumnsBlock(BaseModel):
    kind: Literal[BlockKind.COLUMNS]
    columns: list[list[Block]]
    widths: tuple[float, float] | None = None


class EmbedYoutube(BaseModel):
    kind: Literal[BlockKind.EMBED]
    provider: Literal["youtube"]
    video: str


class EmbedTweet(BaseModel):
    kind: Literal[BlockKind.EMBED]
    provider: Literal["twitter", "x"]
    tweet_id: int = Field(alias="tweetId")


Embed = Annotated[Union[EmbedYoutube, EmbedTweet], Field(discriminator="provider")]


Block = Annotated[Union[TextBlock, ImageBlock, ColumnsBlock, Embed], Field(discriminator="kind")]


ColumnsBlock.model_rebuild()


class PagePublished(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )
    page_id: int
    body_blocks: list[Block]
    hero_block: Optional[Block] = None
    sidebar: dict[str, list[Block]] = {}
    default_block: Block = TextBlock(html="<p>")
    published_at: datetime
    canonical_url: HttpUrl = HttpUrl("https://example.com/")
    embeds: set[str] = {"a"}


BlockAlias = TypeAliasType(
    "BlockAlias", Annotated[Union[TextBlock, ImageBlock], Field(discriminator="kind")]
)


Slug = TypeAliasType("Slug", Annotated[str, Field(pattern=r"^[a-z0-9-]+$", max_length=80)])


JSON = TypeAliasType("JSON", Union[dict[str, "JSON"], list["JSON"], str, int, float, bool, None])


TT = TypeVar("TT")


Listing = TypeAliasType("Listing", Union[TT, list[TT]], type_params=(TT,))


Pairs = TypeAliasType("Pairs", dict[str, tuple[TT, TT]], type_params=(TT,))


Titled = TypeAliasType(
    "Titled", Annotated[int, Field(title="A titled alias", description="Desc", ge=1)]
)


EnumAlias = TypeAliasType("EnumAlias", Literal["a", "b"])


MapAlias = TypeAliasType("MapAlias", dict[str, "MapAlias"])


Optalias = TypeAliasType("Optalias", Optional[TextBlock])


class Aliases(BaseModel):
    block: BlockAlias
    blocks: list[BlockAlias] = []
    slug: Slug = "home"
    slugs: dict[Slug, Slug] = {"a": "b"}
    meta: JSON = None
    meta_list: list[JSON] = [1, "a", {"b": None}]
    one_or_many: Listing[int] = 3
    one_or_many_s: Listing[Slug] | None = None
    pairs: Pairs[date] = {}
    titled: Titled
    titled_opt: Titled | None = None
    ea: EnumAlias = "a"
    eas: set[EnumAlias] = {"b"}
    ma: MapAlias = {}
    oa: Optalias = None
    oad: Annotated[Optalias, Field(description="d")] = None


class JsonRoot(RootModel[JSON]):
    pass


class Revision(BaseModel):
    number: int
    parent: Optional["Revision"] = None
    diff: "Diff | None" = None


class Diff(BaseModel):
    from_: Revision = Field(alias="from")
    to: Revision
    hunks: "list[Hunk]" = []


class Hunk(BaseModel):
    lines: list[Union[str, "Hunk", Diff]]


Revision.model_rebuild()


Diff.model_rebuild()


class Menu(RootModel[dict[str, Union["Menu", str]]]):
    pass


class MenuHolder(BaseModel):
    menu: Menu
    other: Menu = Menu({"a": "b"})


class Locale(RootModel[Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]]):
    """A locale such as en-GB."""


class Translations(BaseModel):
    default: Locale = Locale("en")
    by_locale: dict[Locale, str] = {}
    all: list[Locale] = [Locale("de-DE")]
    opt: Locale | None = Field(None, description="Maybe")
    enumed: dict[BlockKind, Optional[Block]] = {}


class StringRoot(RootModel[str]):
    """Just a string."""


class IntRootDefault(RootModel[int]):
    root: int = 42


class EnumRoot(RootModel[BlockKind]):
    pass


class ModelRoot(RootModel[TextBlock]):
    pass


class LiteralRoot(RootModel[Literal["a", "b"]]):
    pass


class NullRoot(RootModel[None]):
    pass


class AnyRoot(RootModel[Any]):
    pass


class DiscRoot(RootModel[Union[TextBlock, ImageBlock]]):
    root: Union[TextBlock, ImageBlock] = Field(discriminator="kind")


class DiscListRoot(RootModel[list[Block]]):
    pass


class RootOfRoot(RootModel[Locale]):
    pass


class RootHolder(BaseModel):
    s: StringRoot
    i: IntRootDefault = IntRootDefault()
    e: EnumRoot
    m: ModelRoot | None = None
    d: DiscRoot
    dl: DiscListRoot = DiscListRoot([])
    rr: RootOfRoot | None = None
    any: AnyRoot = AnyRoot({"a": 1})
    nul: NullRoot = NullRoot(None)
    lit: LiteralRoot = LiteralRoot("a")


EVENTS = (
    PagePublished,
    Aliases,
    JsonRoot,
    Revision,
    MenuHolder,
    Translations,
    RootHolder,
    EnumRoot,
    ModelRoot,
    LiteralRoot,
    RootOfRoot,
)
