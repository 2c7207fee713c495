import { parser } from '@prometheus-io/lezer-promql'

/** One place of an expression where series are read. */
export interface Selector {
  /** As it stands, such as `up{job="spillway"}`. */
  readonly text: string
  readonly metric: string
  /** Labels of its matchers. */
  readonly labels: readonly string[]
  /** The functions and aggregations it stands in, innermost first. */
  readonly within: readonly string[]
}

type Node = ReturnType<typeof parser.parse>['topNode']

/** The selectors of a PromQL expression. Throws where it is none. */
export function selectorsOf (expression: string): Selector[] {
  return nodesOf(expression, 'VectorSelector').map((node) => ({
    text: textOf(expression, node),
    metric: textOf(expression, node.getChild('Identifier')),
    labels:
      node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher').map((matcher) =>
        textOf(expression, matcher.getChild('LabelName'))
      ) ?? [],
    within: ancestorsOf(node).flatMap((ancestor) => {
      const name = ancestor.getChild('AggregateOp') ?? ancestor.getChild('FunctionIdentifier')
      return name === null ? [] : [textOf(expression, name)]
    })
  }))
}

/** The labels by which an expression groups and joins. */
export function groupingLabelsOf (expression: string): string[] {
  return [
    ...new Set(nodesOf(expression, 'GroupingLabels').flatMap((node) =>
      node.getChildren('LabelName').map((name) => textOf(expression, name))
    ))
  ]
}

function nodesOf (expression: string, type: string): Node[] {
  const found: Node[] = []
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) throw new SyntaxError(`not PromQL at ${node.from}: ${expression}`)
      if (node.name === type) found.push(node.node)
    }
  })
  return found
}

function ancestorsOf (node: Node): Node[] {
  return node.parent === null ? [] : [node.parent, ...ancestorsOf(node.parent)]
}

function textOf (expression: string, node: Node | null): string {
  return node === null ? '' : expression.slice(node.from, node.to)
}
