"""``sohoa keys …``: the keys of the HTTP door, each bound to one unit and one role."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workers.commands.common import AsJson, acting, console, opened_kho, put, put_json, read_settings, refusals, say

keys_app = typer.Typer(no_args_is_help=True, help="API keys: create, list, disable.")

Name = Annotated[str, typer.Argument(help="A name to know the key by.", show_default=False)]


@keys_app.command()
@refusals
def create(
    name: Name,
    unit: Annotated[str, typer.Option("--unit", "-u", help="Unit whose papers the key sees.", show_default=False)],
    role: Annotated[str, typer.Option(help="clerk, reviewer, lookup, reporter or admin.")] = "clerk",
) -> None:
    """Make a key and print it once; only its hash is kept."""
    with opened_kho(read_settings()) as kho, kho.begin() as tx:
        secret = kho.create_key(tx, acting(unit, "admin"), name=name, unit=unit, role=role)
    put(secret)
    say("Hãy cất khóa này ngay, sẽ không hiện lại. / Keep this key now; it is not shown again.")


@keys_app.command("list")
@refusals
def list_keys(as_json: AsJson = False) -> None:
    """The keys there are; never the keys themselves."""
    with opened_kho(read_settings()) as kho:
        keys = kho.api_keys(acting("", "admin"))
    if as_json:
        put_json([asdict(key) for key in keys])
        return
    from workers.tables import add, table

    made = table(
        "Khóa truy cập / API keys",
        "tên / name",
        "đơn vị / unit",
        "vai trò / role",
        "tạo / created",
        "khóa lúc / disabled",
    )
    for key in keys:
        add(made, key.name, key.unit, key.role, f"{key.created_at:%d/%m/%Y}", key.disabled_at)
    console().print(made)


@keys_app.command()
@refusals
def disable(name: Name) -> None:
    """Disable a key at once."""
    with opened_kho(read_settings()) as kho, kho.begin() as tx:
        kho.disable_key(tx, acting("", "admin"), name)


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(keys_app, name="keys")
