"""`scones leftovers`: what `cdk destroy` will leave, or has left, and what it costs."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from contracts.names import StageNames
from operations.aws.accounts import Account
from operations.aws.clients import cloudformation_client
from operations.aws.deployment import StageOption, usual_stage
from operations.aws.errors import OperationError, explain
from operations.inventory.declared import Declared, read_declared
from operations.inventory.found import Found
from operations.inventory.ownership import Ownership
from operations.inventory.search import Inventory, take_inventory
from operations.terminal import Column, Row, progress_console, remark, say, say_json, say_table, tell

EPILOG = """
Examples:
Before cdk destroy: what will go, what will stay, and what each costs a month:
  scones leftovers --stage dev

After it: what is still there; exit code 1 when something of it costs money:
  scones leftovers --stage dev

Delete it. Each bucket and key is asked for by its name, and nothing of another stage is touched:
  scones leftovers --stage dev --delete

Exit code:
0: the stage stands, or nothing is left that costs anything. 1: something billable is left, or a kind of
resource could not be looked at. 2: not possible as asked.
"""

COLUMNS = (
    Column("KIND"),
    Column("NAME", long=True),
    Column("CDK DESTROY"),
    Column("$ A MONTH", right=True),
    Column("", long=True),
)
GOES, STAYS = "deletes it", "leaves it"


def leftovers_command(
    stage: StageOption = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete what is left, after cdk destroy; asks for names.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """List everything that bears the stage's name or tags, with its list price while nobody uses it.

    While the stage's stacks stand, each line says whether cdk destroy deletes it. Another stage's resources
    are never listed: tags decide, and where a service has none, whole names.
    """
    stage = stage or usual_stage(cloudformation_client().meta.endpoint_url)
    account, names = Account(), StageNames(stage)
    declared = read_declared(account, names)
    if delete and declared.stacks:
        raise OperationError(
            f"Stage {stage} still has {', '.join(declared.stacks)}: only what stacks leave is deleted here. "
            f"First: npx cdk destroy --all -c stage={stage}"
        )
    with progress_console().status("looking") as status:
        inventory = take_inventory(
            account, Ownership(names), lambda kind: status.update(f"looking at {kind}")
        )
    if as_json:
        say_json(_document(stage, declared, inventory))
    else:
        _print(stage, declared, inventory)
    if delete:
        _delete(stage, inventory)
        return
    if inventory.unseen or (not declared.stacks and any(one.billable for one in inventory.found)):
        raise typer.Exit(1)


def _print(stage: str, declared: Declared, inventory: Inventory) -> None:
    found = inventory.found
    if found:
        say_table(COLUMNS, [_row(one, declared) for one in found])
    if declared.stacks:
        kept = [one for one in found if not declared.takes(one)]
        remark(
            f"Stage {stage}: {len(found)} resources, {_dollars(found)} a month while nobody uses them; "
            f"cdk destroy leaves {len(kept)}, {_dollars(kept)} a month."
        )
    else:
        remark(
            f"Stage {stage} has no stack. Left: {len(found)} resources, {_dollars(found)} a month."
            if found
            else f"Stage {stage} has no stack, and nothing of it is left."
        )
    for kind, reason in inventory.unseen.items():
        tell(f"Could not look at {kind}: {reason}", colour="red")


def _row(one: Found, declared: Declared) -> Row:
    fate = (GOES if declared.takes(one) else STAYS) if declared.stacks else ""
    return one.kind, one.name, fate, _price(one), one.note


def _price(one: Found) -> str:
    if one.monthly is None:
        return "?"
    return f"{one.monthly:.2f}" if one.monthly >= 0.005 or one.monthly == 0 else "< 0.01"


def _dollars(found: list[Found]) -> str:
    known = sum(one.monthly or 0 for one in found)
    unknown = sum(one.monthly is None for one in found)
    return f"${known:,.2f}" + (f" and {unknown} of unknown price" if unknown else "")


def _document(stage: str, declared: Declared, inventory: Inventory) -> dict[str, Any]:
    return {
        "stage": stage,
        "stacks": declared.stacks,
        "resources": [
            {
                "kind": one.kind,
                "name": one.name,
                "deleted_with_stack": declared.takes(one),
                "dollars_a_month": one.monthly,
                "billable": one.billable,
                "note": one.note,
            }
            for one in inventory.found
        ],
        "not_looked_at": inventory.unseen,
    }


def _delete(stage: str, inventory: Inventory) -> None:
    """Ask, delete in order, and say of each what became of it; ends with 1 where something stays."""
    going = [one for one in inventory.found if one.delete]
    if going and typer.prompt(f"Delete these? Type the stage's name, {stage}", err=True) != stage:
        raise OperationError("Nothing was deleted: that is not the stage's name")
    stays = bool(inventory.unseen)
    for one in going:
        stays |= not _delete_one(one)
    if stays:
        raise typer.Exit(1)


def _named(one: Found) -> bool:
    tell(f"The {one.kind} {one.name} holds data: {one.note}.")
    typed: str = typer.prompt("Type its name to delete it, anything else to keep it", err=True)
    return typed == one.name


def _delete_one(one: Found) -> bool:
    assert one.delete
    if one.holds_data and not _named(one):
        say(f"kept     {one.kind} {one.name}")
        return not one.billable
    try:
        one.delete()
    except (ClientError, BotoCoreError) as error:
        tell(f"Could not delete the {one.kind} {one.name}: {explain(error)}", colour="red")
        return False
    say(f"deleted  {one.kind} {one.name}")
    return True
