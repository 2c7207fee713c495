/** The metrics of one process in the text format of Prometheus. */
export interface ProcessPage {
  /** Stays the same over restarts of the process. */
  readonly process: string
  readonly text: string
}

interface Family {
  /** HELP and TYPE. */
  readonly comments: string[]
  readonly samples: string[]
}

/**
 * Merges the pages of processes that share a port into one. Each series gets the label `process`, since counts of
 * different processes are different series: Prometheus sums rates, and a restart resets only the counts of its process.
 */
export function mergedPage (pages: readonly ProcessPage[]): string {
  const families = new Map<string, Family>()
  for (const { process, text } of pages) addPage(families, process, text)
  return [...families.values()].flatMap(({ comments, samples }) => [...comments, ...samples, '']).join('\n')
}

function addPage (families: Map<string, Family>, process: string, text: string): void {
  const label = `process="${process}"`
  let family: Family | undefined
  let isKnown = false
  let name = ''
  for (const line of text.split('\n')) {
    if (line === '') continue
    if (!line.startsWith('#')) {
      family?.samples.push(labelled(line, label))
      continue
    }
    const [, , named = ''] = line.split(' ', 3)
    // HELP and TYPE of a family follow each other, and its samples follow them.
    if (named !== name) {
      name = named
      isKnown = families.has(name)
      family = families.get(name) ?? { comments: [], samples: [] }
      families.set(name, family)
    }
    if (!isKnown) family?.comments.push(line)
  }
}

/** Returns a sample with one more label. The name of a metric contains no brace and no space. */
function labelled (sample: string, label: string): string {
  const brace = sample.indexOf('{')
  const space = sample.indexOf(' ')
  if (brace === -1 || brace > space) return `${sample.slice(0, space)}{${label}}${sample.slice(space)}`
  const separator = sample[brace + 1] === '}' ? '' : ','
  return `${sample.slice(0, brace + 1)}${label}${separator}${sample.slice(brace + 1)}`
}
