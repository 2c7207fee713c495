import t from 'tap'
import { appRoutes } from '@bull-board/api/dist/routes.js'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { QUEUE_NAME } from '../../services/queue/keys.ts'
import { beginPost, post, postBatch, startApp, storedEvents } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'

const BOARD = '/admin/queues'
const QUEUE = `${BOARD}/api/queues/${QUEUE_NAME}`

/** The actions of an operator in read-write mode; none loses, alters or repeats an event, or makes depth wrong. */
const HARMLESS = [
  'put /api/queues/pause',
  'put /api/queues/resume',
  'put /api/queues/:queueName/pause',
  'put /api/queues/:queueName/resume',
  'put /api/queues/:queueName/rate-limit/release'
]

/** All that bull-board can change, as requests about a job. */
function actionsOn (jobId: string): { action: string, request: InjectOptions }[] {
  return appRoutes.api.flatMap(({ method, route }) =>
    [method].flat().filter((method) => method !== 'get').flatMap((method) =>
      [route].flat().map((path) => ({
        action: `${method} ${path}`,
        request: {
          method: method.toUpperCase() as 'PUT',
          url: BOARD +
            path.replace(':queueName', QUEUE_NAME).replace(':jobId', jobId).replace(':queueStatus', 'prioritized')
              .replace(/:\w+/, 'x'),
          payload: {
            name: 'batch',
            data: {},
            jobData: {},
            options: {},
            concurrency: 1,
            max: 1,
            duration: 1,
            delay: 1,
            priority: 1,
            force: true
          }
        }
      }))
    )
  )
}

async function jobsOf (app: FastifyInstance, status: string) {
  const { queues } = (await app.inject(`${BOARD}/api/queues?activeQueue=${QUEUE_NAME}&status=${status}`)).json()
  return queues[0].jobs as { id: string, data: { events: Record<string, unknown>[] } }[]
}

t.test('by default it shows batches with their events, and changes nothing', async (t) => {
  const { app } = await startApp(t)
  await post(app, { type: 'lone', payload: { n: 1 } })
  await postBatch(app, [{ type: 'one', payload: 1 }, { type: 'two', payload: 2, id: 'own', organizationId: 'acme' }])
  const events = await storedEvents(app)

  await t.test('the events of a batch are as consumers know them', async (t) => {
    const jobs = await jobsOf(app, 'prioritized')
    t.strictSame(new Set(jobs.flatMap(({ data }) => data.events)), new Set(events))
    t.match(events.find(({ id }) => id === 'own'), {
      type: 'two',
      organizationId: 'acme',
      priority: 5,
      receivedAt: /Z$/
    })
    const { job, status } = (await app.inject(`${QUEUE}/${jobs[0]?.id}`)).json()
    t.strictSame(job.data, jobs[0]?.data)
    t.equal(status, 'prioritized')
  })

  await t.test('every action that there is is refused', async (t) => {
    const jobId = (await jobsOf(app, 'prioritized'))[0]?.id as string
    const actions = actionsOn(jobId)
    t.ok(actions.length > 15)
    for (const { action, request } of actions) {
      const { statusCode, body } = await app.inject(request)
      t.equal(statusCode, 403, action)
      t.match(body, /JOB_BROWSER=read-only/)
    }
    t.equal(await bullmqOf(app).isPaused(), false)
    t.strictSame(await storedEvents(app), events)
  })

  await t.test('its pages use what this process serves and nothing else', async (t) => {
    for (const url of [BOARD, `${BOARD}/`, `${BOARD}/queue/${QUEUE_NAME}`]) {
      const { statusCode, headers, body } = await app.inject(url)
      t.equal(statusCode, 200)
      t.match(headers, {
        'content-type': /^text\/html/,
        'content-security-policy': /default-src 'self'.*frame-ancestors 'none'/,
        'x-content-type-options': 'nosniff'
      })
      const links = [...body.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, link]) => link as string)
      t.strictSame(links.filter((link) => !link.startsWith('static/') && link !== `${BOARD}/`), [])
      t.ok(links.length > 5)
      for (const link of links.filter((link) => link.startsWith('static/')))
        t.equal((await app.inject(`${BOARD}/${link}`)).statusCode, 200, link)
    }
  })

  await t.test('what is not there is said to be not there', async (t) => {
    for (const url of [`${BOARD}/nothing`, `${BOARD}/static/nothing.js`, `${BOARD}/static/..%2f..%2fpackage.json`]) {
      t.match((await app.inject(url)).json(), { type: 'urn:spillway:problem:not-found', status: 404 }, url)
    }
  })
})

t.test('in read-write mode', async (t) => {
  const { lines, log } = capturedLog('info')
  const { app, redis } = await startApp(t, { env: { JOB_BROWSER: 'read-write' }, log })
  await post(app, { type: 'lone', payload: { n: 1 } })

  await t.test('it pauses and resumes the queue', async (t) => {
    t.equal((await app.inject({ method: 'PUT', url: `${QUEUE}/pause` })).statusCode, 200)
    await eventually('the queue is paused', () => app.queueMonitor.reading?.isPaused)
    t.equal((await app.inject({ method: 'PUT', url: `${QUEUE}/resume` })).statusCode, 200)
    await eventually('the queue goes on', () => app.queueMonitor.reading?.isPaused === false)
  })

  await t.test('it ends a pause that a consumer asked for', async (t) => {
    const paused = async () => (await app.inject(`${BOARD}/api/queues`)).json().queues[0].activeRateLimitTtl > 0
    t.notOk(await paused())
    await app.queue.pauseFor(3_600_000)
    t.ok(await paused())
    t.equal((await app.inject({ method: 'PUT', url: `${QUEUE}/rate-limit/release` })).statusCode, 200)
    t.notOk(await paused())
  })

  await t.test('it does nothing that would lose, alter or repeat events, or make depth wrong', async (t) => {
    const before = await storedEvents(app)
    const jobId = (await jobsOf(app, 'prioritized'))[0]?.id as string
    const actions = actionsOn(jobId)
    for (const { action, request } of actions.filter(({ action }) => !HARMLESS.includes(action)))
      t.equal((await app.inject(request)).statusCode, 403, action)
    t.strictSame(
      HARMLESS.filter((action) => !actions.some((each) => each.action === action)),
      [],
      'bull-board still has what is allowed'
    )
    t.strictSame(await storedEvents(app), before)
  })

  await t.test('the log tells what was done', async (t) => {
    const actions = lines.filter(({ event }) => event === 'operator-action').map(({ method, path, statusCode }) =>
      `${method} ${path} ${statusCode}`
    )
    t.strictSame(actions, [`PUT ${QUEUE}/pause 200`, `PUT ${QUEUE}/resume 200`, `PUT ${QUEUE}/rate-limit/release 200`])
  })

  await t.test('a body on a real socket is read where it ends, and not beyond its limit', async (t) => {
    const headers = { 'content-type': 'application/json' }
    const small = await beginPost(t, app, `${QUEUE}/add`, headers)
    small.write('{"name":"batch",')
    small.write('"data":{}}')
    small.end()
    t.match(await small.answer, { statusCode: 403 })
    const large = await beginPost(t, app, `${QUEUE}/add`, headers)
    large.write(JSON.stringify({ name: 'x'.repeat(10_000) }))
    t.match(await large.answer, { statusCode: 413 })
  })

  await t.test('while Redis is away it says no more than that', async (t) => {
    await redis.kill()
    const { statusCode, body } = await app.inject(`${BOARD}/api/queues`)
    t.equal(statusCode, 503)
    t.match(JSON.parse(body), { message: 'Redis is out of reach' })
    t.notOk(body.includes('.sock'))
  })
})

t.test('the token guards its pages, its files and what they call', async (t) => {
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: 'a token of operators' } })
  for (
    const url of [
      BOARD,
      `${BOARD}/`,
      `${BOARD}/queue/${QUEUE_NAME}`,
      `${BOARD}/static/favicon.ico`,
      `${BOARD}/api/queues`,
      `${BOARD}/nothing`
    ]
  ) {
    t.equal((await app.inject(url)).statusCode, 401, url)
    t.not((await app.inject({ url, headers: { authorization: 'Bearer a token of operators' } })).statusCode, 401, url)
  }
})

t.test('it can be switched off', async (t) => {
  const { app } = await startApp(t, { env: { JOB_BROWSER: 'off' } })
  for (const url of [BOARD, `${BOARD}/api/queues`]) t.equal((await app.inject(url)).statusCode, 404)
})
