import type { Logger } from 'pino'
import type { Config } from '../../services/config/schema.ts'
import { serve } from '../serve.ts'
import { SupervisorLink } from './supervisor-link.ts'

/** Serves as one of the processes of a supervisor. @param name among them */
export async function serveSupervised (config: Config, log: Logger, name: string): Promise<void> {
  const link = new SupervisorLink(name)
  const { started, metricsPage } = await serve(config, log, {
    mergePages: (own) => link.merged(own), sharesPorts: true
  })
  link.offerPage(metricsPage)
  link.tellStarted(started)
}
