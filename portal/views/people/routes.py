"""Signing in, one's own account, and everyone's accounts: every URL."""

from __future__ import annotations

from portal.views.people import account, accounts, letters, passkeys, second_factor, sign_in
from portal.web import form, get, post

ROUTES = [
    form("/sign-in", sign_in.sign_in, "sign_in"),
    post("/sign-in/passkey", passkeys.door, "passkey_sign_in"),
    get("/sign-in/passkey/challenge", passkeys.door_challenge, "passkey_sign_in_challenge"),
    form("/sign-in/code", second_factor.code, "code"),
    post("/sign-in/code/passkey", second_factor.code_passkey, "code_passkey"),
    get("/sign-in/code/passkey/challenge", passkeys.step_challenge, "code_passkey_challenge"),
    post("/sign-out", sign_in.sign_out, "sign_out"),
    post("/language", sign_in.choose_language, "choose_language"),
    form("/sign-in/forgotten", sign_in.forgotten, "forgotten"),
    form("/sign-in/reset/{token}", sign_in.reset, "reset"),
    form("/account", account.show, "account"),
    post("/account/theme", account.theme, "theme"),
    post("/account/language", account.language, "language"),
    form("/account/password", account.password, "password"),
    get("/account/second-factor", second_factor.show, "second_factor"),
    post("/account/second-factor/addition", second_factor.add, "second_factor_addition"),
    post("/account/second-factor/codes", second_factor.renew, "second_factor_codes"),
    post("/account/second-factor/removal", second_factor.remove, "second_factor_removal"),
    post("/account/passkeys/addition", passkeys.add, "passkey_addition"),
    get("/account/passkeys/addition/challenge", passkeys.new_challenge, "passkey_addition_challenge"),
    post("/account/passkeys/{id:int}/removal", passkeys.remove, "passkey_removal"),
    form("/account/confirmation", second_factor.confirmation, "confirmation"),
    get("/account/confirmation/challenge", passkeys.confirm_challenge, "confirmation_challenge"),
    get("/account/sessions", account.session_list, "sessions"),
    post("/account/sessions/{id:int}/revocation", account.revoke_session, "session_revocation"),
    get("/admin/accounts", accounts.index, "accounts"),
    post("/admin/accounts/export", accounts.export, "accounts_export"),
    post("/admin/accounts/invitations", accounts.invite_all, "accounts_invitation"),
    post("/admin/accounts/invitations/export", accounts.invitation_sheet, "accounts_invitation_export"),
    form("/admin/accounts/new", accounts.create, "account_new"),
    form("/admin/accounts/{id:int}", accounts.edit, "account_edit"),
    post("/admin/accounts/{id:int}/roles", accounts.grant, "account_role"),
    post("/admin/accounts/{id:int}/roles/withdrawal", accounts.withdraw, "account_role_withdrawal"),
    post("/admin/accounts/{id:int}/reactivation", accounts.reactivate, "account_reactivation"),
    post("/admin/accounts/{id:int}/sessions/end", accounts.end_all, "account_sessions_end"),
    post("/admin/accounts/{id:int}/invitation", accounts.invite, "account_invitation"),
    post("/admin/accounts/{id:int}/second-factor/removal", second_factor.take_off, "account_second_factor"),
    get("/admin/letters", letters.index, "letters"),
    post("/admin/letters/{id:int}/link", letters.link, "letter_link"),
]
