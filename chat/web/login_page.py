"""The pages to log in and out: plain HTML, no JavaScript. Pure."""

from html import escape


def login_page(target: str, problem: str = "") -> str:
    """Ask for the password; then it goes on to `target`. `problem` says why the last try failed."""
    alert = f'<p class="problem" id="problem" role="alert">{escape(problem)}</p>' if problem else ""
    described = ' aria-describedby="problem" aria-invalid="true"' if problem else ""
    return _page(
        "Log in",
        f'<form method="post" action="/login"><h1>Quotewire</h1>{alert}'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required autofocus'
        f'{described}><input type="hidden" name="next" value="{escape(target)}">'
        '<button type="submit">Log in</button></form>',
    )


def logout_page(*, forgets: bool) -> str:
    """Ask whether to log out; `forgets`: whether the browser will be told to forget what it keeps, and obey."""
    also = (
        "Logging out also forgets the conversation that this browser keeps."
        if forgets
        else "This browser keeps the conversation. If others use it, first press “Clear” beside the questions."
    )
    return _page(
        "Log out",
        '<form method="post" action="/logout"><h1>Quotewire</h1>'
        f"<p>{also}</p>"
        '<button type="submit">Log out</button><p><a href="/">Back to the questions</a></p></form>',
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title} – Quotewire</title><link rel="icon" href="data:,">'
        f'<link rel="stylesheet" href="/login.css"></head><body><main>{body}</main></body></html>'
    )
