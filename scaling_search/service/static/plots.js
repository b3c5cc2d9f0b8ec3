// Plotly, loaded once and late, in the colours of the page.
let loading;
export function plotly() {
  loading ??= new Promise((done, failed) => {
    const { content, dataset } = document.querySelector("meta[name=plotly]");
    // it injects styles of maps unless their elements are there, which the page's policy would refuse and report
    for (const id of dataset.styles.split(" ").filter(Boolean)) document.head.append(Object.assign(document.createElement("meta"), { id }));
    const script = Object.assign(document.createElement("script"), { src: content });
    script.onload = () => done(window.Plotly);
    script.onerror = () => failed(new Error("Plotly could not be loaded"));
    document.head.append(script);
  });
  return loading;
}

export function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["ink", "soft", "faint", "paper", "accent", "done", "cut", "fail"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

export async function draw(element, traces, { x, y, ...rest }) {
  const Plotly = await plotly(), c = colours();
  if (!traces.some((trace) => trace.x?.length)) {  // nothing to draw: no axes of nothing either
    const note = { xref: "paper", yref: "paper", x: 0, y: 0.5, xanchor: "left", text: "nothing yet", showarrow: false, font: { color: c.soft } };
    [traces, x, y, rest] = [[], { visible: false }, { visible: false }, { annotations: [note] }];
  }
  const axis = { gridcolor: c.faint, zeroline: false, linecolor: c.soft, tickcolor: c.soft, ticks: "outside", ticklen: 4, automargin: true, title: { standoff: 8 } };
  const layout = {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest",
    font: { family: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif", size: 12, color: c.ink },
    hoverlabel: { bgcolor: c.paper, bordercolor: c.soft, font: { color: c.ink, size: 12 } },
    margin: { l: 56, r: 12, t: 8, b: 44 }, dragmode: false, ...rest,
    xaxis: { ...axis, showgrid: false, ...x, title: { ...axis.title, text: x.title } },
    yaxis: { ...axis, ...y, title: { ...axis.title, text: y.title } },
  };
  await Plotly.react(element, traces, layout, { displayModeBar: false, responsive: true, doubleClick: false });
}
