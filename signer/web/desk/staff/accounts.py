"""Who may sign in at the desk, and what was done there."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import EmailField, RadioField, StringField
from wtforms.validators import StopValidation

from signer.errors import AccountRefused, LastHead
from signer.store.desk.roles import DeskRole
from signer.web.desk.session import act, forget
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm, check_address
from signer.web.forms.typed import TypedForm
from signer.web.session import context
from signer.workflows.desk.accounts import (
    ListedAccount,
    add_account,
    change_account,
    list_accounts,
    remove_account,
)
from signer.workflows.desk.actions import list_actions
from signer.workflows.desk.sessions import end_sessions

blueprint = Blueprint("accounts", __name__, url_prefix="/staff")

_LAST = "This is the only headteacher. Give somebody else that role first."


class RoleForm(PlainForm):
    """A name and a role."""

    name = StringField()
    role = RadioField(validate_choice=False)

    def validate_role(self, field: RadioField) -> None:
        """One of those there are."""
        if field.data not in {role.value for role in DeskRole}:
            raise StopValidation("Choose a role.")


class AccountForm(RoleForm):
    """An account to be made."""

    email = EmailField(validators=[check_address])


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """Everybody who may sign in, and the form to add somebody."""
    return _list_page(AccountForm())


@blueprint.post("", strict_slashes=False)
def add() -> ResponseReturnValue:
    """Add somebody."""
    form = AccountForm()
    if form.validate():
        role = DeskRole(form.role.data)
        try:
            with act("account:add", details=role.value):
                ref = add_account(
                    context(), form.email.data or "", role, name=form.name.data or ""
                )
        except AccountRefused as refused:
            form.refuse(refused.field, refused.reason)
        else:
            return redirect(url_for("desk.accounts.show", ref=ref, added=1), 303)
    return _list_page(form)


@blueprint.get("/<ref>")
def show(ref: str) -> ResponseReturnValue:
    """One account, to be changed or removed."""
    account = _account(ref)
    form = RoleForm()
    form.name.data, form.role.data = account.name, account.role.value
    return _page(account, form)


@blueprint.post("/<ref>")
def change(ref: str) -> ResponseReturnValue:
    """Keep another name or role."""
    account, form = _account(ref), RoleForm()
    if form.validate():
        role = DeskRole(form.role.data)
        try:
            with act("account:change", f"account:{ref}", role.value):
                change_account(context(), ref, name=form.name.data or "", role=role)
        except AccountRefused as refused:
            form.refuse(refused.field, refused.reason)
        except LastHead:
            form.refuse("role", _LAST)
        else:
            return redirect(url_for("desk.accounts.listed"), 303)
    return _page(account, form)


@blueprint.post("/<ref>/remove")
def remove(ref: str) -> ResponseReturnValue:
    """Let somebody come in no more, once their address is typed."""
    account = _account(ref)
    form = TypedForm(account.email, "Type the address of the account to remove it.")
    if form.validate():
        try:
            with act("account:remove", f"account:{ref}"):
                remove_account(context(), ref)
        except LastHead:
            form.refuse("typed", _LAST)
        else:
            return redirect(url_for("desk.accounts.listed"), 303)
    role_form = RoleForm()
    role_form.name.data, role_form.role.data = account.name, account.role.value
    return _page(account, role_form, removing=form)


@blueprint.post("/end-all-sessions")
def end_all_sessions() -> ResponseReturnValue:
    """End everybody's sessions, one's own as well."""
    with act("session:end_everybody"):
        end_sessions(context())
    return forget(make_response(redirect(url_for("desk.entrance.ask"), 303)))


@blueprint.get("/actions")
def actions() -> ResponseReturnValue:
    """What was done at the desk, the newest first."""
    before = number_in(request.args.get("before", ""))
    page = list_actions(context(), before=before)
    return render_template("desk/accounts/actions.html", page=page)


def _account(ref: str) -> ListedAccount:
    found = next((one for one in list_accounts(context()) if one.ref == ref), None)
    if found is None:
        abort(404)
    return found


def _list_page(form: AccountForm) -> ResponseReturnValue:
    page = render_template(
        "desk/accounts/list.html", accounts=list_accounts(context()), form=form
    )
    return page, form.status


def _page(
    account: ListedAccount, form: RoleForm, removing: TypedForm | None = None
) -> ResponseReturnValue:
    removing = removing or TypedForm(account.email)
    wrong = removing if removing.problems else form
    page = render_template(
        "desk/accounts/account.html",
        account=account,
        form=wrong,
        role_form=form,
        removing=removing,
        added="added" in request.args,
    )
    return page, wrong.status
