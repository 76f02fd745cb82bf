// The report's one style sheet: screen at 1280 px, and paper. Blue and orange with a shape beside them, never colour alone.

export const STYLE = `
:root{--ink:#1b2430;--soft:#5b6776;--rule:#d6dde6;--ok:#1f6fb2;--no:#c2510c;--would:#8a6d00;--paper:#fff;--pale:#f4f7fa}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1220px;margin:0 auto;padding:20px 20px 60px}
h1{font-size:26px;margin:8px 0 2px}h2{font-size:20px;margin:34px 0 8px;border-bottom:2px solid var(--ink);padding-bottom:4px}
h3{font-size:17px;margin:24px 0 4px}h4{font-size:14px;margin:14px 0 2px}p{margin:4px 0}.soft,.none{color:var(--soft)}
.figures{display:flex;gap:14px;flex-wrap:wrap;margin:14px 0}.figure{background:var(--pale);border-radius:6px;padding:8px 14px;min-width:130px}
.figure b{display:block;font-size:22px}.figure.no b{color:var(--no)}.figure.would b{color:var(--would)}
table{border-collapse:collapse;width:100%;margin:6px 0;font-size:13.5px}th,td{text-align:left;padding:3px 8px;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600;background:var(--pale)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}td{overflow-wrap:anywhere}
details{margin:4px 0 10px}summary{cursor:pointer;color:var(--ok)}
.passport{border:1px solid var(--rule);border-radius:8px;padding:6px 16px 14px;margin:14px 0;break-inside:avoid-page}
.passport .top{display:grid;grid-template-columns:440px 1fr;gap:20px;align-items:start}
.use{border-top:1px solid var(--rule);margin-top:10px;padding-top:4px}.use .pair{display:grid;grid-template-columns:1fr 1fr;gap:16px}
.use .pair>div{min-width:0}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}svg text.head{fill:var(--soft)}
.map .line{fill:none;stroke:var(--ok);stroke-opacity:.55}.map .line.no{stroke:var(--no);stroke-dasharray:2 5;stroke-opacity:.95}.map .line.would{stroke:var(--would);stroke-dasharray:9 5}
svg text.mark.no{fill:var(--no);font-weight:700;font-size:15px}svg text.mark.would{fill:var(--would);font-weight:700}
.wide{overflow-x:auto}.matrix{max-width:none}.cell.ok{fill:var(--ok)}.cell.no{fill:var(--no)}.cell.would{fill:var(--would)}svg text.cellmark{font-weight:700;fill:#000}
.hour{stroke:#c9d2dc;stroke-width:.5}.hour.quiet{fill:#fff}.hour.busy{fill:var(--ok)}.hour.open{stroke:var(--ink);stroke-width:1.2}.hour.partly{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:2 2}.hour.busy.shut{fill:var(--no)}
.plot .tick{stroke:var(--rule)}.plot .axis{stroke:var(--ink)}.plot .sent{fill:var(--ok)}.plot .received{fill:#8fbce2}.plot line.bound{stroke:var(--no);stroke-width:1.5;stroke-dasharray:6 3}
svg text.bound{fill:var(--no);stroke:#fff;stroke-width:4px;paint-order:stroke;font-weight:600}.plot .allowed{fill:#e3efd9;stroke:#7da35c;stroke-width:.8}
.tag{display:inline-block;border-radius:4px;padding:0 6px;background:var(--pale);border:1px solid var(--rule);font-size:12.5px}.tag.no{color:var(--no);border-color:var(--no)}.tag.would{color:var(--would);border-color:var(--would)}
.legend{color:var(--soft);font-size:13px}
@media print{body{font-size:11px}main{max-width:none;padding:0}details:not([open]){display:none}h2{break-after:avoid}.wide{overflow:visible}.matrix{max-width:100%}}
`;
