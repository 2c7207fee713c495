import t from 'tap'
import { clusterViewOf, type SlotRange } from '../../../../services/redis/cluster/cluster-view.ts'
import { SlotOwner, type ClusterView } from '../../../../services/redis/cluster/slot-owner.ts'

const [A, B, C, D] = [1, 2, 3, 4].map((port) => ({ host: 'h', port })) as [Node, Node, Node, Node]
type Node = { host: string, port: number }

const nodes = [A, B, C, D]
const says = (owner: Node, isServing = true): ClusterView => ({ owner, isServing, nodes })

/** An owner of which each node says what the table has; without an entry it is away. */
function ownerOf (views: Map<Node, ClusterView>, seeds = [A, B]) {
  const asked: number[] = []
  const owner = new SlotOwner(7, seeds, async ({ port }) => {
    asked.push(port)
    const view = views.get(nodes[port - 1] as Node)
    if (view === undefined) throw new Error(`${port} is away`)
    return view
  })
  return { owner, asked }
}

t.test('the first node that answers is asked first again, and knows the others', async (t) => {
  const views = new Map([[B, says(C)]])
  const { owner, asked } = ownerOf(views)
  t.strictSame(await Promise.all([owner.find(), owner.find()]), [C, C])
  t.strictSame(asked, [1, 2], 'one search for all')
  t.strictSame(await owner.find(), C)
  views.delete(B)
  views.set(D, says(A))
  t.strictSame(await owner.find(), A, 'a node that was not configured')
  t.strictSame(asked, [1, 2, 2, 2, 1, 3, 4])
})

t.test('a node that is cut off from the others counts only if no other one answers', async (t) => {
  const views = new Map([[A, says(A, false)], [B, says(C)]])
  t.strictSame(await ownerOf(views).owner.find(), C)
  views.delete(B)
  t.strictSame(await ownerOf(views).owner.find(), A)
})

t.test('of many nodes that know of no working cluster only some are asked each time', async (t) => {
  const { owner, asked } = ownerOf(new Map(nodes.map((node) => [node, says(node, false)])), nodes)
  await owner.find()
  await owner.find()
  t.strictSame(asked, [1, 2, 3, 4, 1, 2])
})

t.test('a node that a redirect names is asked first', async (t) => {
  const { owner, asked } = ownerOf(new Map([[A, says(B)], [D, says(D)]]))
  owner.movedTo(D)
  t.strictSame(await owner.find(), D)
  t.strictSame(asked, [4])
})

t.test('without an owner the reason is told, and the next search starts anew', async (t) => {
  const views = new Map<Node, ClusterView>()
  const { owner } = ownerOf(views)
  await t.rejects(owner.find(), { message: /owner of slot 7: 2 is away/ })
  views.set(A, { owner: undefined, isServing: true, nodes })
  await t.rejects(owner.find(), { message: /owner of slot 7/ })
  views.set(B, says(B))
  t.strictSame(await owner.find(), B)
})

t.test('reads the view of a node, with its own address where it names none', async (t) => {
  const ranges: SlotRange[] = [[0, 99, ['x', 1, 'id'], ['y', 2]], [200, 300, [null, 3], ['', 4]]]
  const of = (slot: number, info = 'cluster_state:ok\r\n') => clusterViewOf(info, ranges, slot, 'here')
  t.strictSame(of(99), {
    isServing: true,
    owner: { host: 'x', port: 1 },
    nodes: [{ host: 'x', port: 1 }, { host: 'y', port: 2 }, { host: 'here', port: 3 }, { host: 'here', port: 4 }]
  })
  t.match(of(200, 'cluster_state:fail\r\n'), { isServing: false, owner: { host: 'here', port: 3 } })
  t.equal(of(100).owner, undefined)
})
