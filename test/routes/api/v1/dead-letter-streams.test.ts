import t from 'tap'
import { startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem, occupy, startOpen } from './setup.ts'
import { DEAD_LETTERS, fill, replay, watch } from './dead-letter-requests.ts'

t.test('streams end when the process stops, and leave nothing when who watches goes', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  const path = `${DEAD_LETTERS}/replays/${id}/events`
  const [first, second] = [await watch(t, app, path), await watch(t, app, path)]
  await eventually('both have begun', () => first.events().length > 0 && second.events().length > 0)
  first.hangUp()
  await eventually('the server has seen it', () =>
    new Promise((resolve) => {
      app.server.getConnections((_error, count) => resolve(count === 1))
    }))
  await app.close()
  await eventually('the other one has ended', second.isOver)
})

t.test('a stream that is asked for while the process stops, or beyond the limit, is refused with a time to come back', async (t) => {
  const { app } = await startApp(t)
  await fill(app, 1)
  const { id } = (await replay(app, { filter: {} })).json()
  app.lifecycle.beginDrain()
  const answer = await app.inject({
    url: `${DEAD_LETTERS}/replays/${id}/events`,
    headers: { accept: 'text/event-stream' }
  })
  assertProblem(t, answer, 503, 'too-many-streams', 'a stream')
  t.equal(answer.headers['retry-after'], '5')
})

t.test('streams are bounded over all, and one address gets few of the last of them', async (t) => {
  // Its replay waits for the queue to drain.
  const { app } = await startOpen(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  const path = `${DEAD_LETTERS}/replays/${id}/events`
  occupy(app.replayViewers, 890)
  const streams = []
  for (let opened = 0; opened < 10; opened++) streams.push(await watch(t, app, path))
  t.strictSame(new Set(streams.map(({ answer }) => answer.statusCode)), new Set([200]))
  const { answer: refused } = await watch(t, app, path)
  t.match([refused.statusCode, refused.headers['retry-after']], [503, '5'])
  t.ok(app.replayViewers.canAdd('another'))
  streams[0]?.hangUp()
  await eventually('its place is free', () => app.replayViewers.count === 899)
  t.equal((await watch(t, app, path)).answer.statusCode, 200)
})

t.test('of two who ask at once for the last place one gets it', async (t) => {
  const { app } = await startOpen(t)
  await fill(app, 3)
  const { id } = (await replay(app, { filter: {} })).json()
  occupy(app.replayViewers, 999)
  // Both have come before the replay is read for the first of them.
  const asked = [1, 2].map(async () => (await app.inject(`${DEAD_LETTERS}/replays/${id}/events`)).statusCode)
  await eventually('one has it', () => app.replayViewers.count >= 1_000)
  await app.inject({ method: 'DELETE', url: `${DEAD_LETTERS}/replays/${id}` })
  t.strictSame((await Promise.all(asked)).toSorted(), [200, 503])
})
