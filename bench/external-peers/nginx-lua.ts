/* nginx with Lua, pushing each event to a Redis list before it answers. It checks nothing. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../../rig/find-program.ts'
import { startChild } from '../../rig/process/child.ts'
import { freePort } from '../../rig/free-port.ts'
import { listening } from '../../rig/process/started.ts'
import type { ExternalPeer } from '../external-peer.ts'
import { EVENT_PATH, singlePosts } from '../traffic/post.ts'

const MODULES = '/usr/lib/nginx/modules'
const LUA_REDIS = '/usr/share/lua/5.1/nginx/redis.lua'
const POOL_SIZE = 64

export default {
  requests: singlePosts(),
  subject: {
    needsRedis: true,
    hasWorker: false,
    obstacle: () =>
      findProgram('nginx') !== undefined && existsSync(join(MODULES, 'ngx_http_lua_module.so')) && existsSync(LUA_REDIS)
        ? undefined
        : 'nginx with Lua is not installed; Debian has it in the packages libnginx-mod-http-lua and lua-nginx-redis',
    start: async ({ folder, redis, core }) => {
      const port = await freePort()
      const file = join(folder, 'nginx.conf')
      await writeFile(file, configuration(folder, port, redis?.path ?? ''))
      const server = startChild({
        command: findProgram('nginx') ?? 'nginx',
        args: ['-p', folder, '-c', file, '-e', join(folder, 'error.log')],
        core
      })
      await listening(port)
      return { ports: { server: port }, pids: { server: server.pid }, stop: server.stop }
    }
  }
} satisfies ExternalPeer

/** A single process without a master, so that its CPU time is the total. */
function configuration (folder: string, port: number, redisPath: string): string {
  return `
load_module ${MODULES}/ndk_http_module.so;
load_module ${MODULES}/ngx_http_lua_module.so;
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_buffer_size 128k;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    location = ${EVENT_PATH} {
      content_by_lua_block {
        ngx.req.read_body()
        local client = require('nginx.redis').new()
        if not client:connect('unix:${redisPath}') then return ngx.exit(503) end
        local length = client:lpush('events', ngx.req.get_body_data())
        if not length then return ngx.exit(503) end
        client:set_keepalive(10000, ${POOL_SIZE})
        ngx.status = 202
        ngx.header['content-type'] = 'application/json; charset=utf-8'
        ngx.print('{"id":"', length, '","status":"accepted"}')
      }
    }
  }
}
`
}
