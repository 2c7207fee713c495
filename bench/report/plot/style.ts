/** Colours of series, in the order of their use: each has a contrast of 4.5 to the background of its scheme. */
const LIGHT_SERIES = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#bf3989', '#57606a']
const DARK_SERIES = ['#58a6ff', '#f0883e', '#3fb950', '#bc8cff', '#f778ba', '#9198a1']

/** The number of series that colours can distinguish. */
export const COLOURS = LIGHT_SERIES.length

/**
 * The style sheet of a plot, with its own background for pages of any colour. It follows the colour scheme of the
 * reader.
 */
export const PLOT_STYLE = `
.plot { color: #1f2328; font: 13px system-ui, sans-serif }
.plot text { fill: currentColor }
.plot .title { font-size: 17px; font-weight: 600 }
.plot .quiet { color: #59636e }
.plot .name { font-weight: 600 }
.plot .grid { stroke: #d8dee4; stroke-width: 1 }
.plot .axis { stroke: #818b98; stroke-width: 1 }
.plot .paper { fill: #ffffff }
.plot .line { fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linejoin: round; stroke-linecap: round }
.plot .whisker { fill: none; stroke: currentColor; stroke-width: 1.25; opacity: 0.7 }
.plot .leader { fill: none; stroke: currentColor; stroke-width: 1; opacity: 0.4 }
.plot .marker { fill: currentColor; stroke: #ffffff; stroke-width: 1.5 }
${series(LIGHT_SERIES)}
@media (prefers-color-scheme: dark) {
.plot { color: #f0f6fc }
.plot .quiet { color: #9198a1 }
.plot .grid { stroke: #2b313a }
.plot .axis { stroke: #656c76 }
.plot .paper { fill: #0d1117 }
.plot .marker { stroke: #0d1117 }
${series(DARK_SERIES)}
}
`

function series (colours: readonly string[]): string {
  return colours.map((colour, index) => `.plot .series-${index} { color: ${colour} }`).join('\n')
}
