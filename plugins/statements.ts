import fp from 'fastify-plugin'
import { throttled } from '../services/logging/throttled-log.ts'
import { StatementBook } from '../services/statements/statement-book.ts'
import { StatementStore } from '../services/statements/statement-store.ts'
import { StatementWriter } from '../services/statements/statement-writer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts what becomes of the events of organizations at this process. */
    statementBook: StatementBook
    /** The statements of organizations, of all processes. */
    statementStore: StatementStore
  }
}

export default fp(async (fastify) => {
  const { log, queue, queueMonitor, redis } = fastify
  const book = new StatementBook()
  const store = new StatementStore({ redis, keys: queue.keys, repair: queue.repair })
  const writer = new StatementWriter({
    book,
    store,
    now: () => performance.now(),
    onError: throttled((error, suppressed) => {
      log.warn(
        { event: 'statements-not-booked', err: error, suppressed },
        'the statements of organizations could not be booked; the next try books them'
      )
    }, () => performance.now())
  })
  queueMonitor.onReading((reading) => writer.observe(reading))
  fastify.decorate('statementBook', book)
  fastify.decorate('statementStore', store)
  // Closes after all that counts.
  fastify.addHook('onClose', () => writer.end())
}, { name: 'statements', dependencies: ['queue', 'redis'] })
