/** How the page looks: light and dark by what the reader's system prefers, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fbfbfa; --panel: #fff; --text: #1d2125; --dim: #626b75; --line: #e1e4e8;
  --accent: #2f6f9f; --critical: #a8123e; --high: #cf3a24; --medium: #b87503; --low: #2678a8; --informational: #6b7480; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14171a; --panel: #1b1f23; --text: #e6e8ea; --dim: #98a1ab; --line: #2d333a;
    --accent: #6cb2e4; --critical: #ff6b93; --high: #ff7a63; --medium: #e8ab45; --low: #62b4e6; --informational: #98a1ab; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 28px; margin: 0; letter-spacing: -.01em; }
h2 { font-size: 17px; margin: 40px 0 12px; }
p { margin: 4px 0; }
.where, time { color: var(--dim); font-size: 13px; overflow-wrap: anywhere; }
.warning { color: var(--high); }
.nothing { margin: 48px 0; font-size: 18px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 24px 0 12px; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.card b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card span { color: var(--dim); font-size: 13px; }
.levels { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 10px 16px; }
.levels table { width: 100%; border-collapse: collapse; }
.levels th { width: 1%; text-align: left; padding: 4px 12px 4px 0; }
.levels td.bar { width: 100%; }
.bar i { display: block; height: 10px; border-radius: 5px; background: currentColor; }
.badge { display: inline-block; min-width: 8.5em; text-align: center; padding: 1px 8px; border-radius: 999px; font-size: 12px;
  font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.critical { color: var(--critical); } .high { color: var(--high); } .medium { color: var(--medium); }
.low { color: var(--low); } .informational { color: var(--informational); }
.badge.critical { background: var(--critical); border-color: var(--critical); color: var(--panel); }
.chart { width: 100%; height: 96px; display: block; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 8px; }
.chart rect { fill: var(--accent); }
.ends { display: flex; justify-content: space-between; color: var(--dim); font-size: 13px; }
details { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; margin: 6px 0; }
summary { display: flex; gap: 12px; align-items: center; padding: 8px 14px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "▸"; color: var(--dim); }
details[open] > summary::before { content: "▾"; }
summary b { flex: 1; font-weight: 600; overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 8px; }
.techniques { display: flex; flex-wrap: wrap; gap: 4px; justify-content: flex-end; }
.rule { padding: 4px 18px 14px; border-top: 1px solid var(--line); }
code, pre { font: 12.5px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
.techniques code { background: var(--ground); border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; }
pre { background: var(--ground); border: 1px solid var(--line); border-radius: 6px; padding: 10px; margin: 6px 0; max-height: 360px;
  overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
ol, ul { padding-left: 20px; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; }
.list { width: 100%; border-collapse: collapse; font-size: 14px; }
.list th { text-align: left; font-size: 12px; font-weight: 600; color: var(--dim); border-bottom: 1px solid var(--line); padding: 8px 12px; white-space: nowrap; }
.list td { padding: 6px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
.list tr:last-child td { border-bottom: 0; }
.list td.wide { min-width: 260px; }
.list td.when { white-space: nowrap; }
.levels td.number { padding-left: 16px; }
.number, .list th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
footer { margin-top: 48px; color: var(--dim); font-size: 13px; }
@media print { body { background: #fff; } details, .scroll { break-inside: avoid; } }
`
