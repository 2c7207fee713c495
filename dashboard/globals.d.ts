import type UPlot from 'uplot'

declare global {
  /** The global variable of the classic script vendor/uplot.js. */
  const uPlot: typeof UPlot
  type uPlot = UPlot
  namespace uPlot {
    type Options = UPlot.Options
    type Series = UPlot.Series
  }
}
