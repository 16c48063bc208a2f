"""Whether the accounts that the application runs as are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightship.analysis.accounts import Accounts, accounts_of
from lightship.analysis.commands import shell_commands
from lightship.analysis.scripts import runs_in_shell, scripts
from lightship.bases.dockerfile_words import copied, is_plain
from lightship.bases.reasoning import reason, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightship.bases.landing import Landing
    from lightship.bases.move import Move
    from lightship.bases.scene import Scene
    from lightship.model.results.base_verdict import Reason

_KIND = "accounts"
_SWITCHES = (b"gosu", b"su-exec", b"s6-setuidgid", b"chpst")


def judge(move: Move) -> Iterator[Reason]:
    """Names of users come along; numbers need no account, a random user of group 0 neither."""
    landing, base = move.landing, move.candidate.inside
    if landing is None or base is None:
        return
    now, there = accounts_of(move.application.scene.records), accounts_of(base.ledger.records)
    user, _, group = move.application.inside.settings.user.partition(":")
    names = [user.encode("utf-8", "surrogatepass")] if user and not user.isdigit() else []
    for name in dict.fromkeys((*names, *_switched(landing))):
        yield from _account(move, landing, name, (now, there))
    group_name = group.encode("utf-8", "surrogatepass")
    if group and not group.isdigit() and group_name not in there.groups:
        gid = now.groups.get(group_name)
        says = f"it has no group {group}, which the application runs as"
        if gid is None:
            yield reason(_KIND, "unproven", f"{says}, nor has the image")
        else:
            yield reason(_KIND, "carry", says, todo=_made_group(landing, group, gid, move))
    if not user and base.settings.user.partition(":")[0] not in ("", "root", "0"):
        says = f"its containers run as {base.settings.user}, the application runs as root now"
        yield reason(_KIND, "carry", says, todo="USER root")


def _account(
    move: Move, landing: Landing, name: bytes, accounts: tuple[Accounts, Accounts]
) -> Iterator[Reason]:
    now, there = (one.users.get(name) for one in accounts)
    shown = text_of(name)
    if now is None:
        if there is None and name != b"root":
            says = f"no user {shown} is in its accounts, nor in the image's"
            yield reason(_KIND, "unproven", says)
        return
    if there is not None:
        if there.uid != now.uid:
            says = (
                f"the user {shown} has the number {there.uid} there and {now.uid} now, as the "
                "owner of files"
            )
            yield reason(_KIND, "carry", says, todo=f"USER {now.uid}:{now.gid}")
        return
    uid, gid, home = now.uid, now.gid, now.home
    says = f"it has no user {shown}, which the application runs as"
    evidence = (f"uid {uid}, gid {gid}, home {text_of(home)}",)
    todo = _made_user(move, landing, shown, uid)
    yield reason(_KIND, "carry", says, evidence=evidence, todo=todo)


def _made_user(move: Move, landing: Landing, name: str, uid: int) -> str:
    if is_plain(name) and landing.program(b"sh") is not None:
        if landing.program(b"useradd") is not None:
            return f"RUN useradd --uid {uid} --user-group --create-home {name}"
        if landing.program(b"adduser") is not None:
            return f"RUN adduser -D -u {uid} {name}"
    return _copied_accounts(move)


def _made_group(landing: Landing, name: str, gid: int, move: Move) -> str:
    if is_plain(name) and landing.program(b"sh") is not None:
        if landing.program(b"groupadd") is not None:
            return f"RUN groupadd --gid {gid} {name}"
        if landing.program(b"addgroup") is not None:
            return f"RUN addgroup -g {gid} {name}"
    return _copied_accounts(move)


def _copied_accounts(move: Move) -> str:
    """Without a tool for it both files come from the image."""
    application = move.application
    lookup = application.scene.lookup
    found = [(path, lookup.file(path.encode())) for path in ("/etc/passwd", "/etc/group")]
    paths = [path for path, file in found if file is not None]
    is_of_base = all(file.record < application.first_record for _, file in found if file)
    return copied(application.inside, *paths, into="/etc/", is_of_base=is_of_base)


def _switched(scene: Scene) -> Iterator[bytes]:
    """Users that the command's scripts change to: `gosu app`."""
    settings, texts = scene.settings, scripts(scene.records)
    called = [[*settings.entrypoint, *settings.command]]
    for file in scene.entrypoint.files:
        text = texts.get(file.record)
        if text is not None and runs_in_shell(text):
            called += shell_commands(text, settings.environment).simple
    for words in called:
        for number, word in enumerate(words[:-1]):
            operand = words[number + 1]
            if word.rpartition(b"/")[2] in _SWITCHES and operand[:1] not in (b"-", b"$"):
                user = operand.partition(b":")[0]
                if user and not user.isdigit() and b"$" not in user:
                    yield user
