// Plots each scenario as SVG, for GitHub's light and dark themes: processor time, throughput, and
// response times. No browser is needed.

import * as echarts from "echarts";

export const THEMES = {
  light: { text: "#1f2328", faint: "#59636e", line: "#d1d9e0", ours: "#0969da", peer: "#afb8c1" },
  dark: { text: "#f0f6fc", faint: "#9198a1", line: "#3d444d", ours: "#4493f8", peer: "#545d68" },
};

const WIDTH = 920;
const ROW = 30;
const MARGIN = { top: 34, bottom: 34 };
const FONT = "system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif";
const FIRST_LEFT = 92;
const PANEL = 232;
const GAP = 46;

/** The three panels: the length of a bar, and the ends of the line on it. */
const PANELS = [
  {
    title: "CPU µs an event, with its spread",
    bar: ({ cpuUs }) => cpuUs.median,
    from: ({ cpuUs }) => cpuUs.least,
    to: ({ cpuUs }) => cpuUs.most,
  },
  {
    title: "events a second, with their spread",
    bar: ({ perSecond }) => perSecond.median,
    from: ({ perSecond }) => perSecond.least,
    to: ({ perSecond }) => perSecond.most,
  },
  {
    title: "answer in ms: p50, line to p99",
    bar: ({ p50 }) => p50,
    from: ({ p50 }) => p50,
    to: ({ p99 }) => p99,
  },
];

/** The plot of a scenario. */
export function plotOf({ workers }, colours) {
  const height = MARGIN.top + MARGIN.bottom + workers.length * ROW;
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: FONT, color: colours.text },
    title: PANELS.map(({ title }, at) => titled(title, at, colours)),
    grid: PANELS.map((_, at) => ({
      left: leftOf(at),
      width: PANEL,
      top: MARGIN.top,
      bottom: MARGIN.bottom,
    })),
    xAxis: PANELS.map((_, at) => valueAxis(at, colours)),
    yAxis: PANELS.map((_, at) => nameAxis(at, workers, colours)),
    series: PANELS.flatMap((panel, at) => [
      bars(panel, at, workers, colours),
      lines(panel, at, workers, colours),
    ]),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

const leftOf = (at) => FIRST_LEFT + at * (PANEL + GAP);

const titled = (text, at, { faint }) => ({
  text,
  left: leftOf(at),
  top: 6,
  padding: 0,
  textStyle: { fontSize: 12, fontWeight: "normal", color: faint },
});

const valueAxis = (gridIndex, { faint, line }) => ({
  gridIndex,
  type: "value",
  splitNumber: 3,
  axisLabel: { color: faint, fontSize: 11 },
  splitLine: { lineStyle: { color: line } },
});

const nameAxis = (gridIndex, workers, { text, line }) => ({
  gridIndex,
  type: "category",
  inverse: true,
  data: workers.map(({ worker }) => worker),
  axisTick: { show: false },
  axisLine: { lineStyle: { color: line } },
  axisLabel: { show: gridIndex === 0, color: text, fontSize: 12 },
});

const bars = ({ bar }, at, workers, { ours, peer }) => ({
  type: "bar",
  xAxisIndex: at,
  yAxisIndex: at,
  barWidth: "55%",
  data: workers.map((worker, row) => ({
    value: bar(worker),
    itemStyle: { color: row === 0 ? ours : peer },
  })),
});

/** The lines between two values, across the middle of the bars. */
const lines = ({ from, to }, at, workers, { text }) => ({
  type: "custom",
  xAxisIndex: at,
  yAxisIndex: at,
  encode: { x: [0, 1], y: 2 },
  data: workers.map((worker, row) => [from(worker), to(worker), row]),
  renderItem: (_, api) => {
    const [x1, y1] = api.coord([api.value(0), api.value(2)]);
    const [x2, y2] = api.coord([api.value(1), api.value(2)]);
    return {
      type: "line",
      shape: { x1, y1, x2, y2 },
      style: { stroke: text, lineWidth: 1.5 },
    };
  },
});
