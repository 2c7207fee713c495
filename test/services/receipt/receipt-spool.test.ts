import t from 'tap'
import { ReceiptFinder } from '../../../services/receipt/receipt-finder.ts'
import { batch, digest, finderIn, id, place, SECRET, settled } from './finder-world.ts'

t.test('what the spool has is found by id and by key', async (t) => {
  const spooledPlaces = {
    [digest({ id: 'a' })]: { place, id: 'a' },
    [digest({ idempotencyKey: 'k' })]: { place, id: 'k' }
  }
  for (const id of ['a', 'k']) {
    t.match(await finderIn({ spooled: [batch.id], spooledPlaces }).finder.find({ id }), {
      id,
      status: 'spooled',
      priority: 3
    })
    t.match(
      await finderIn({ spooled: [batch.id], spooledPlaces, traces: { [batch.id]: settled() } }).finder.find({ id }),
      { id, status: 'done' },
      'when it is in the queue meanwhile'
    )
  }
})

t.test('what leaves the spool for the queue while it is asked for is at no time unknown', async (t) => {
  let isSpooled = true
  const finder = new ReceiptFinder({
    queue: {
      trace: async () => { isSpooled = false; return { state: 'missing' } },
      remembered: async () => undefined
    },
    fateOf: async () => undefined,
    spool: { has: () => isSpooled, secretOf: () => isSpooled ? SECRET : undefined, remembered: () => undefined },
    isOutage: () => true
  })
  t.match(await finder.find({ id }), { id, status: 'spooled' })
})

t.test('while the queue is away only the spool can answer', async (t) => {
  const failure = new Error('Connection is closed.')
  t.strictSame(await finderIn({ failure }).finder.find({ id }), { status: 'unavailable' })
  t.strictSame(await finderIn({ failure }).finder.find({ id: 'x' }), { status: 'unavailable' })
  t.match(await finderIn({ failure, spooled: [batch.id] }).finder.find({ id }), { id, status: 'spooled' })
  t.match(
    await finderIn({ failure, spooled: [batch.id], spooledPlaces: { [digest({ id: 'a' })]: { place, id: 'a' } } })
      .finder.find({ id: 'a' }),
    { id: 'a', status: 'spooled' }
  )
  await t.rejects(finderIn({ failure: new TypeError('a mistake'), spooled: [batch.id] }).finder.find({ id }), TypeError)
})
