import t from 'tap'
import { orderProblems, showsOrder } from '../../../prove/checks/order.ts'

const waits = (priority: number, waitedMs: number, count = 30) =>
  Array.from({ length: count }, () => ({ priority, waitedMs }))

t.test('with a backlog better classes wait less', async (t) => {
  const served = [...waits(1, 100), ...waits(3, 2_000), ...waits(8, 5_000)]
  t.strictSame(orderProblems(served), [])
  t.ok(showsOrder(served))
})

t.test('reversed or no order is told', async (t) => {
  t.equal(orderProblems([...waits(1, 5_000), ...waits(3, 2_000), ...waits(8, 100)]).length, 2)
  t.equal(orderProblems([...waits(1, 3_000), ...waits(3, 3_000), ...waits(8, 3_000)]).length, 1)
  t.equal(orderProblems([...waits(1, 100), ...waits(3, 6_000), ...waits(8, 5_000)]).length, 1)
})

t.test('without a backlog, or with few events, nothing is concluded', async (t) => {
  t.strictSame(orderProblems([...waits(1, 300), ...waits(8, 100)]), [])
  t.strictSame(orderProblems([...waits(1, 5_000, 5), ...waits(8, 100, 5)]), [])
  t.strictSame(orderProblems([]), [])
  t.notOk(showsOrder(waits(1, 300)))
})
