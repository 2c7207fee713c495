import { join } from 'node:path'
import type { LoadRequest } from '../../rig/load/request.ts'
import { closedLoop } from '../measure/closed-loop.ts'
import { sampleOf } from '../measure/sample.ts'
import { isExternalPeer, EXTERNAL_PEER_SHAPE } from '../external-peer.ts'
import type { Case, Scenario } from '../scenario.ts'
import { peer } from '../subject/peer.ts'
import { spillway } from '../subject/spillway.ts'
import type { Subject } from '../subject/subject.ts'
import { singlePosts } from '../traffic/post.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'

const caseOf = (subject: Subject, requests: readonly LoadRequest[] = singlePosts()): Case =>
  ({ subject, measure: async (stage) => sampleOf(await closedLoop(stage, { requests })) })

const externalPeers = await loadFolder(
  join(import.meta.dirname, '../external-peers'),
  isExternalPeer,
  EXTERNAL_PEER_SHAPE
)

export default {
  title: 'single posts, 64 connections, appendfsync everysec',
  cases: {
    'spillway': caseOf(spillway()),
    'bare-fastify': caseOf(peer('bare-fastify', { storesNothing: true })),
    'job-per-event': caseOf(peer('job-per-event')),
    'bulk-autopipeline': caseOf(peer('bulk-autopipeline')),
    'count-then-add': caseOf(peer('count-then-add')),
    ...Object
      .fromEntries(externalPeers.map(({ name, value: { subject, requests } }) => [name, caseOf(subject, requests)]))
  },
  ratios: [
    {
      what: 'accepts per second, to a route that stores nothing',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'eventsPerSecond',
      bar: { atLeast: 0.95 }
    },
    {
      what: 'accepts per second, to a job per event',
      of: 'spillway',
      to: 'job-per-event',
      metric: 'eventsPerSecond',
      bar: { atLeast: 2 }
    },
    {
      what: 'accepts per second, to a job per event with auto-pipelining',
      of: 'spillway',
      to: 'bulk-autopipeline',
      metric: 'eventsPerSecond'
    },
    {
      what: 'accepts per second, to counting and then adding',
      of: 'spillway',
      to: 'count-then-add',
      metric: 'eventsPerSecond',
      bar: { atLeast: 4 }
    },
    {
      what: 'CPU of the server, to a route that stores nothing',
      of: 'spillway',
      to: 'bare-fastify',
      metric: 'serverMicrosPerEvent'
    },
    ...externalPeers.map(({ name }) => ({
      what: `accepts per second, to ${name}`,
      of: 'spillway',
      to: name,
      metric: 'eventsPerSecond'
    }))
  ],
  quick: ['spillway', 'bare-fastify', 'job-per-event']
} satisfies Scenario
