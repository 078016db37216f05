// Style and script of the page. Whoever changes one of them changes its hash as well; a test tells the new one.
#include "report/html.hpp"

namespace cadence::report {

const std::string_view kStyleHash = "sha256-g0QthCz0FTwYYOl6PllaqIs3l8lfwp/nx2vSVUJLykU=";
const std::string_view kScriptHash = "sha256-Q4gstSGTuL3a5px0pkEX4C7huzPwu5ChMavSQtD9PNs=";

const std::string_view kStyle = R"css(
:root{--bg:#fbfbfa;--card:#fff;--ink:#1c2024;--soft:#5c6570;--line:#dfe3e8;--low:#2374ab;--medium:#965a00;
  --high:#c22f3c;--plain:#9aa4b0;--plus:#1a7f4b;--minus:#b3323e}
@media (prefers-color-scheme:dark){
  :root{--bg:#14171a;--card:#1c2125;--ink:#e7eaed;--soft:#a0a9b3;--line:#343b42;--low:#6cb8ec;--medium:#f0b352;
    --high:#ff7b84;--plain:#66707b;--plus:#5fce93;--minus:#ff8d95}
}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1.5rem;background:var(--bg);color:var(--ink);
  font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:0;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:0 0 .6rem}
h3{font-size:1rem;margin:0}
.brand{margin:0;font-size:.8rem;letter-spacing:.09em;text-transform:uppercase;color:var(--soft)}
.source,.note,footer,figcaption,.legend{color:var(--soft);font-size:.88rem;overflow-wrap:anywhere}
section,.figures{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:1.1rem;margin:1rem 0}
.verdict{display:flex;gap:1.5rem;align-items:center;flex-wrap:wrap}.dial{width:13rem}
.dial path{fill:none;stroke-width:11;stroke-linecap:butt}.track{stroke:var(--line)}.arc.low{stroke:var(--low)}
.arc.medium{stroke:var(--medium)}.arc.high{stroke:var(--high)}
.dial text{font-size:19px;font-weight:650}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.8rem}
dt{color:var(--soft);font-size:.8rem}dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
figure{margin:0 0 1rem}svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:11px system-ui,sans-serif}.dial text{fill:var(--ink)}
.grid{stroke:var(--line)}.dots{stroke:var(--plain);stroke-linecap:round;fill:none;opacity:.7}.d0{stroke-width:3}
.d1{stroke-width:4.5}.d2{stroke-width:6}.d3{stroke-width:7.5}
circle{stroke:var(--card);stroke-width:1}circle.low{fill:var(--low)}circle.medium{fill:var(--medium)}
circle.high{fill:var(--high)}rect.plain{fill:var(--plain)}rect.flagged{fill:var(--medium)}
.key{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-left:.6em;background:var(--plain)}
.key.low{background:var(--low)}.key.medium{background:var(--medium)}.key.high{background:var(--high)}
.bars{list-style:none;margin:0;padding:0}
.bars li{display:grid;grid-template-columns:17rem 1fr 5rem;gap:.8rem;align-items:center}.bars svg{height:.7rem}
.filters{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin-bottom:.7rem}.filters[hidden]{display:none}
button,input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:.4rem;
  padding:.2rem .7rem}
button{cursor:pointer}
button[aria-pressed=true]{border-color:var(--ink);box-shadow:inset 0 0 0 1px var(--ink)}button span{color:var(--soft)}
:focus-visible{outline:3px solid var(--low);outline-offset:2px}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-top:1px solid var(--line)}
th{white-space:nowrap}th button{padding:0 .3rem;font-weight:600;border-color:transparent;background:none}
.number{font-variant-numeric:tabular-nums;white-space:nowrap}.bars .number{text-align:right}
.message{min-width:15rem;overflow-wrap:anywhere}td ul{margin:0;padding-left:1.1rem;min-width:17rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:.4rem 0 0;max-height:24rem;overflow-y:auto}code{font-size:.92em}
.badge{display:inline-block;padding:0 .55em;border-radius:1em;border:1px solid currentColor;font-size:.82rem;
  font-weight:600}
.low.badge{color:var(--low)}.medium.badge{color:var(--medium)}.high.badge{color:var(--high)}
.strategy{color:var(--soft);font-size:.82rem}.plus{color:var(--plus)}.minus{color:var(--minus)}
.cards{list-style:none;margin:0;padding:0;display:grid;gap:.8rem}
.card{border-left:4px solid var(--line);padding-left:.8rem}.card[data-severity=high]{border-color:var(--high)}
.card[data-severity=medium]{border-color:var(--medium)}.card[data-severity=low]{border-color:var(--low)}
.passed{columns:14rem;margin:0}.headings{overflow-wrap:anywhere}
blockquote{margin:.5rem 0;padding-left:1rem;border-left:3px solid var(--line);overflow-wrap:anywhere}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}tr[hidden]{display:none}
@media (max-width:40rem){.bars li{grid-template-columns:1fr 4rem}.bars svg{grid-row:2;grid-column:1/3}}
@media print{
  :root{--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--low:#1b5e8c;--medium:#8a5200;--high:#9c1f2b;
    --plain:#888}
  body{max-width:none;padding:0;font-size:10pt}section,figure,tr{break-inside:avoid}
  #commits-title,section:has(#commits){break-inside:auto}.filters{display:none}.scroll{overflow:visible}
}
)css";

const std::string_view kScript = R"js(
(() => {
  'use strict';
  const table = document.getElementById('commits');
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows], bar = document.querySelector('.filters');
  const search = document.getElementById('search'), shown = document.getElementById('shown');
  let severity = '';
  const apply = () => {
    const wanted = search.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = (!severity || row.dataset.severity === severity) &&
        (!wanted || row.textContent.toLowerCase().includes(wanted));
      row.hidden = !fits;
      if (fits) count++;
    }
    shown.textContent = count + ' of ' + rows.length + ' shown';
  };
  for (const button of bar.querySelectorAll('button')) {
    button.addEventListener('click', () => {
      severity = button.dataset.filter;
      for (const other of bar.querySelectorAll('button')) other.setAttribute('aria-pressed', String(other === button));
      apply();
    });
  }
  search.addEventListener('input', apply);
  const key = (row, column) => {
    const cell = row.cells[column], number = cell.dataset.sort;
    return number === undefined ? cell.textContent : Number(number);
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') !== 'descending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
      rows.sort((a, b) => compare(key(a, column), key(b, column)) * (down ? -1 : 1));
      body.append(...rows);
    });
  });
  bar.hidden = false;
  apply();
})();
)js";

}  // namespace cadence::report
