import fp from 'fastify-plugin'
import type { Config } from '../services/config/schema.ts'

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
  }
}

export interface ConfigPluginOptions {
  config: Config
}

export default fp<ConfigPluginOptions>(async (fastify, { config }) => {
  fastify.decorate('config', config)
}, { name: 'config' })
