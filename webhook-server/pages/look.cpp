// Style, script and pictogram of the pages. The report's own style and script come first: its body stands in them.
#include "pages/pages.hpp"

#include "report/html.hpp"

namespace cadence::pages {
namespace {

constexpr std::string_view kStyle = R"css(
.pages{max-width:66rem;padding:0 1.25rem 2rem}
a{color:var(--low);text-underline-offset:.18em;text-decoration-thickness:from-font}
.top{display:flex;align-items:center;gap:1.5rem;padding:.9rem 0;border-bottom:1px solid var(--line);flex-wrap:wrap}
.top .brand{color:var(--ink);font-size:1rem;font-weight:650;letter-spacing:0;text-transform:none;text-decoration:none}
.top ul{display:flex;gap:1.1rem;list-style:none;margin:0;padding:0;flex-wrap:wrap}
.top li a{color:var(--soft);text-decoration:none;padding:.3rem 0;display:inline-block}
.top li a:hover,.jobs a:hover{text-decoration:underline}
.top li a[aria-current]{color:var(--ink);font-weight:600;box-shadow:0 2px 0 var(--ink)}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.4rem;background:var(--card);padding:.4rem .8rem;z-index:1}
main:focus{outline:none}
.heading{display:flex;justify-content:space-between;align-items:flex-end;gap:1rem 2rem;flex-wrap:wrap;
  margin:1.8rem 0 1.2rem}
.heading h1{font-size:1.7rem}.heading>div{min-width:0}
.numbers{display:flex;gap:2rem;margin:0}.numbers dd{font-size:1.35rem;line-height:1.2}
.filter{display:flex;gap:.7rem 1rem;flex-wrap:wrap;align-items:center;font-size:.92rem;color:var(--soft)}
.filter input{width:14rem;max-width:100%}
input,select,button{font:inherit;color:var(--ink);background:var(--card);border:1px solid var(--plain);
  border-radius:.4rem;padding:.3rem .7rem}
button[type=submit]{cursor:pointer;font-weight:600}button[type=submit]:hover{border-color:var(--ink)}
::placeholder{color:var(--soft);opacity:1}
.jobs{list-style:none;margin:0;padding:0}
.jobs li{display:grid;grid-template-columns:minmax(0,1fr) 6.5rem 15rem 9rem;gap:.1rem 1rem;align-items:center;
  padding:.6rem 0;border-top:1px solid var(--line)}
.jobs li:first-child{border-top:0}
.what{display:flex;flex-direction:column;min-width:0;overflow-wrap:anywhere}
.jobs a{font-weight:600;text-decoration:none}.jobs time{color:var(--soft);font-size:.88rem;text-align:right}
time,.share{font-variant-numeric:tabular-nums;white-space:nowrap}
.state{font-size:.85rem;font-weight:600;white-space:nowrap}
.state::before{content:"";display:inline-block;width:.55em;height:.55em;border-radius:50%;margin-right:.45em;
  border:2px solid currentColor;vertical-align:.05em}
.state.waiting{color:var(--soft)}.state.running{color:var(--low)}.state.completed{color:var(--plus)}
.state.failed{color:var(--high)}.state.completed::before,.state.failed::before{background:currentColor}
.state.failed::before{border-radius:1px}
.outcome{display:flex;align-items:center;gap:.2rem .6rem;flex-wrap:wrap}
.outcome .share{font-weight:600;min-width:4.3em}.bar{width:4rem;height:.4rem;flex:none;display:inline-block}
.bar .track{fill:var(--line)}.bar.low .fill{fill:var(--low)}.bar.medium .fill{fill:var(--medium)}
.bar.high .fill{fill:var(--high)}
.below{display:flex;justify-content:space-between;align-items:center;gap:1rem;flex-wrap:wrap;margin-top:.6rem}
.below p{margin:0}.further{display:flex;gap:1.2rem;margin-left:auto}
.standing{margin:.5rem 0 0}.standing .state{margin-right:.4rem}
.ways{display:flex;gap:.4rem 1.2rem;flex-wrap:wrap;margin:0}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.8rem 1.5rem;margin:0}
.facts dd{font-weight:400;overflow-wrap:anywhere}
.history svg text{font-size:7.5px}.history .grid{stroke-width:.6}.history .legend{margin:.2rem 0 0}
.history .key:first-child{margin-left:0}
.line{fill:none;stroke:var(--plain);stroke-width:1}.cross{fill:none;stroke:var(--high);stroke-width:1.5}
td.outcome{display:table-cell;white-space:nowrap}td .bar{margin:0 .5rem}tbody th{font-weight:400}
.narrow{max-width:26rem;margin:3rem auto}.narrow h1{font-size:1.4rem;margin-bottom:.8rem}
.narrow form{display:grid;gap:.5rem;justify-items:start}.narrow input{width:100%}.refusal{color:var(--high);margin:0}
.live{display:flex;gap:.8rem;align-items:center;font-size:.85rem;color:var(--soft);margin:.8rem 0 0}
@media (max-width:46rem){
  .jobs li{grid-template-columns:minmax(0,1fr) auto;gap:.25rem 1rem}
  .what,.outcome:not(:empty){grid-column:1/3}.outcome:empty{display:none}.outcome{order:1}
  .history svg text{font-size:15px}.history circle{r:6px}.line{stroke-width:2}
  #commits thead{display:none}
  #commits tr:not([hidden]){display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .9rem;padding:.9rem 0;
    border-top:1px solid var(--line)}
  #commits td{border:0;padding:0}#commits .message,#commits .reasons{flex:1 0 100%;min-width:0}#commits ul{min-width:0}
}
@media (max-width:26rem){.pages{padding:0 .8rem 1.5rem}section,.figures{padding:.9rem}.filter label,.filter input,
  .filter select{width:100%}.filter label{display:grid;gap:.2rem}.verdict{gap:.8rem}}
)css";

// Asks for the same page again, and puts in what has changed. Answers are told apart by their ETag; a page that is not
// looked at is left alone, and a reader may stop it.
constexpr std::string_view kScript = R"js(
(() => {
  'use strict';
  const main = document.querySelector('main[data-live]');
  if (!main) return;
  const kPause = 3000, kLongestPause = 30000;
  let pause = kPause, tag = '', timer = 0, isPaused = false;
  const bar = document.createElement('p'), button = document.createElement('button');
  const told = document.createElement('span');
  bar.className = 'live';
  button.type = 'button';
  bar.append(button, told);
  main.append(bar);
  const say = words => { if (told.textContent !== words) told.textContent = words; };
  const show = () => {
    button.textContent = isPaused ? 'Go on' : 'Pause';
    say(isPaused ? 'Not kept up to date' : 'Kept up to date');
  };
  const put = page => {
    for (const part of page.querySelectorAll('main > [id], main > .heading > [id]')) {
      const old = document.getElementById(part.id);
      if (!old) { location.reload(); return; }
      if (old.innerHTML === part.innerHTML) continue;
      const focus = old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
      old.replaceChildren(...part.childNodes);
      if (focus) [...old.querySelectorAll('a')].find(a => a.getAttribute('href') === focus)?.focus();
    }
    if (!page.querySelector('main[data-live]')) location.reload();
  };
  const ask = async () => {
    try {
      const answer = await fetch(location.href, {headers: tag ? {'If-None-Match': tag} : {}, redirect: 'manual'});
      if (answer.type === 'opaqueredirect') { location.reload(); return; }
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      if (answer.ok) {
        const html = await answer.text();
        if (isPaused) return;
        tag = answer.headers.get('ETag') || '';
        put(new DOMParser().parseFromString(html, 'text/html'));
      }
      pause = kPause;
      show();
    } catch {
      pause = Math.min(pause * 2, kLongestPause);
      say('The server cannot be reached; trying again');
    }
    next();
  };
  const next = () => {
    clearTimeout(timer);
    if (!isPaused && !document.hidden) timer = setTimeout(ask, pause);
  };
  button.addEventListener('click', () => { isPaused = !isPaused; show(); next(); });
  document.addEventListener('visibilitychange', next);
  show();
  next();
})();
)js";

}  // namespace

const std::string_view kPictogram = R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">
<rect width="16" height="16" rx="3.5" fill="#2374ab"/>
<path d="M3 10.5l2.5-5 3 6 2-4 2.5 3" fill="none" stroke="#fff" stroke-width="1.6" stroke-linecap="round"
 stroke-linejoin="round"/></svg>
)svg";

std::string style() { return std::string(report::kStyle) + std::string(kStyle); }
std::string script() { return std::string(report::kScript) + std::string(kScript); }

}  // namespace cadence::pages
