"""Those whom a file does not name: a step of its own, since a part of a list is one."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import LeaversUncounted, RegisterError, RegisterUnsure
from signer.web.desk.parents.confirm import is_sure, mark_of
from signer.web.desk.parents.room import blueprint
from signer.web.desk.parents.upload import kept_or_404
from signer.web.desk.session import act, person
from signer.web.forms.numbers import number_in
from signer.web.forms.typed import TypedForm
from signer.web.session import context
from signer.workflows.parents.compared import Examined
from signer.workflows.parents.uploads import (
    Upload,
    compare_upload,
    examine_upload,
    import_upload,
)
from signer.workflows.register.import_result import Imported

PAGE = 200
"""How many of a list are on one page."""


@blueprint.get("/upload/<ref>/leavers")
def leavers_form(ref: str) -> ResponseReturnValue:
    """The list of those who would leave."""
    kept = kept_or_404(ref)
    result = _settled(kept, examine_upload(context(), kept))
    if result is None:
        return redirect(url_for("desk.parents.upload", ref=ref), 303)
    return _page(kept, result, _form(result))


@blueprint.post("/upload/<ref>/leavers")
def leavers(ref: str) -> ResponseReturnValue:
    """Let just those leave who were listed; many want their number typed."""
    kept = kept_or_404(ref)
    there = redirect(url_for("desk.parents.upload", ref=ref), 303)
    # Who leaves is who was listed, and that is looked at once more.
    result = _settled(kept, compare_upload(context(), person().account_id, kept))
    if result is None or not result.leaving:
        return there
    form = _form(result)
    if not is_sure(_listed(result)):
        return _page(kept, result, form, changed=True)
    if result.too_many_leave and not form.validate():
        return _page(kept, result, form)
    details = f"{len(result.missing)} parents, {len(result.children_missing)} children"
    try:
        with act("register:leavers", details=details):
            import_upload(
                context(),
                person().account_id,
                ref,
                leavers=True,
                leaving=result.leaving,
            )
    except (LeaversUncounted, RegisterError, RegisterUnsure):
        # The register is another one than a moment ago: the page shows it.
        return redirect(url_for("desk.parents.leavers_form", ref=ref), 303)
    return there


def _settled(kept: Upload, examined: Examined) -> Imported | None:
    """What the file comes to, once it was imported and nothing is open."""
    result = examined.result
    if not kept.is_applied or result is None or result.questions:
        return None
    return result


def _listed(result: Imported) -> object:
    return result.missing, result.children_missing


def _form(result: Imported) -> TypedForm:
    return TypedForm(str(result.leaving), "Type the number as it is shown.")


def _page(
    kept: Upload, result: Imported, form: TypedForm, *, changed: bool = False
) -> ResponseReturnValue:
    longest = max(len(result.missing), len(result.children_missing))
    pages = max(-(-longest // PAGE), 1)
    place = min(max(number_in(request.args.get("page", "")) or 1, 1), pages)
    here = slice((place - 1) * PAGE, place * PAGE)
    page = render_template(
        "desk/parents/leavers.html",
        kept=kept,
        result=result,
        missing=result.missing[here],
        children_missing=result.children_missing[here],
        page=place,
        pages=pages,
        form=form,
        mark=mark_of(_listed(result)),
        changed=changed,
    )
    return page, 422 if changed else form.status
