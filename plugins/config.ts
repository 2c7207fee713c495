import fp from 'fastify-plugin'
import type { Config } from '../services/config/schema.ts'

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
    /** The path prefix of all of Spillway: empty, or `/` and a name. */
    rootPath: string
  }
}

export interface ConfigPluginOptions {
  config: Config
}

export default fp<ConfigPluginOptions>(async (fastify, { config }) => {
  fastify.decorate('config', config)
  fastify.decorate('rootPath', fastify.prefix.replace(/\/$/, ''))
}, { name: 'config' })
