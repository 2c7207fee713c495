/*
 * Finds the master that owns a slot of a Redis Cluster, by asking one node after another. Each node answers with its
 * own view: one that is cut off from the majority still names the old master, and reports that the cluster is down for
 * it. So an answer counts at once only from a node for which the cluster works.
 */
import type { Node } from '../../config/redis-nodes.ts'

/** The view of one node. */
export interface ClusterView {
  /** Whether the cluster serves all slots that it has to, as far as this node knows. */
  readonly isServing: boolean
  /** The master that owns the slot; undefined if no node does. */
  readonly owner: Node | undefined
  readonly nodes: readonly Node[]
}

/** Answers of nodes for which the cluster is down, before one of them counts. */
const MOST_ANSWERS = 3

export class SlotOwner {
  readonly #slot: number
  readonly #seeds: readonly Node[]
  readonly #ask: (node: Node) => Promise<ClusterView>
  /** In the order in which they are asked next. */
  #nodes: readonly Node[]
  #search: Promise<Node> | undefined

  constructor (slot: number, seeds: readonly Node[], ask: (node: Node) => Promise<ClusterView>) {
    this.#slot = slot
    this.#seeds = seeds
    this.#ask = ask
    this.#nodes = seeds
  }

  /** Asks this node first: another one has named it as the owner. */
  movedTo (node: Node): void {
    this.#nodes = distinct([node, ...this.#nodes])
  }

  /**
   * Resolves with the owner. Concurrent callers share one search.
   *
   * @throws Error if no node names an owner
   */
  find (): Promise<Node> {
    this.#search ??= this.#findOne().finally(() => { this.#search = undefined })
    return this.#search
  }

  async #findOne (): Promise<Node> {
    const candidates = this.#nodes
    const doubtful: Node[] = []
    let failure: Error | undefined
    for (const node of candidates) {
      try {
        const { isServing, owner, nodes } = await this.#ask(node)
        if (isServing && owner !== undefined) {
          this.#nodes = distinct([node, ...nodes, ...this.#seeds])
          return owner
        }
        if (owner !== undefined) doubtful.push(owner)
      } catch (error) {
        failure = error as Error
      }
      // Other nodes are asked first the next time, so a minority that answers is left.
      this.#nodes = distinct([...this.#nodes.filter((other) => other !== node), node])
      if (doubtful.length >= MOST_ANSWERS) break
    }
    const [owner] = doubtful
    if (owner !== undefined) return owner
    const reason = failure === undefined ? '' : `: ${failure.message}`
    throw new Error(`no node of the Redis Cluster names the owner of slot ${this.#slot}${reason}`, { cause: failure })
  }
}

export function isSameNode (one: Node, other: Node): boolean {
  return one.host === other.host && one.port === other.port
}

function distinct (nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node, index) => nodes.findIndex((other) => isSameNode(node, other)) === index)
}
