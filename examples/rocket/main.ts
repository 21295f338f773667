/** A trained policy flies a rocket in three.js: `policy.js` is all of the library that this page takes. */
import * as three from 'three'
import { act } from './policy.js'
import { dropRocket, fly, hasLanded, observe, type Rocket } from './rocket.ts'

const scene = new three.Scene()
scene.background = new three.Color('#10142a')
const camera = new three.PerspectiveCamera(50, 1, 0.1, 200)
camera.position.set(0, 12, 38)
camera.lookAt(0, 10, 0)
const sun = new three.DirectionalLight('#fff4dd', 3)
sun.position.set(8, 20, 12)
scene.add(sun, new three.AmbientLight('#8899cc', 1))

const mesh = (shape: three.BufferGeometry, color: string) =>
  new three.Mesh(shape, new three.MeshStandardMaterial({ color }))
const ground = mesh(new three.BoxGeometry(80, 1, 30), '#39405f')
ground.position.y = -0.5
const pad = mesh(new three.CylinderGeometry(4, 4, 0.1, 48), '#e8b04a')
scene.add(ground, pad)

/** Its feet are at the origin, so that it turns about them. */
const body = new three.Group()
const hull = mesh(new three.CylinderGeometry(0.5, 0.7, 3, 24), '#f2efe6')
hull.position.y = 1.9
const nose = mesh(new three.ConeGeometry(0.5, 1.2, 24), '#c8553d')
nose.position.y = 4
const flame = new three.Mesh(
  new three.ConeGeometry(0.45, 2, 16),
  new three.MeshBasicMaterial({ color: '#ffb347' }),
)
flame.rotation.x = Math.PI
body.add(hull, nose, flame)
for (const side of [-1, 1]) {
  const leg = mesh(new three.BoxGeometry(0.12, 1.2, 0.12), '#8d93ab')
  leg.position.set(side * 0.9, 0.5, 0)
  leg.rotation.z = side * 0.5
  body.add(leg)
}
scene.add(body)

const renderer = new three.WebGLRenderer({ antialias: true })
document.body.append(renderer.domElement)
function resize() {
  renderer.setSize(innerWidth, innerHeight)
  camera.aspect = innerWidth / innerHeight
  camera.updateProjectionMatrix()
}
addEventListener('resize', resize)
resize()

const uniform = (low: number, high: number) => low + (high - low) * Math.random()
let rocket: Rocket = dropRocket(uniform)
let [landings, flights, pause] = [0, 0, 0]
addEventListener('pointerdown', ({ clientX }) => {
  rocket.vx += clientX < innerWidth / 2 ? 3 : -3
})

/** One step of the world: the policy decides, the rocket flies. */
function step() {
  if (pause > 0) {
    pause--
    if (pause === 0) rocket = dropRocket(uniform)
    return
  }
  fly(rocket, act(observe(rocket)))
  if (rocket.y > 0 && Math.abs(rocket.angle) < 1.5 && Math.abs(rocket.x) < 25) return
  flights++
  if (hasLanded(rocket)) landings++
  document.getElementById('score')!.textContent = `landed ${landings} of ${flights} times`
  rocket.throttle = 0
  pause = 25
}

function draw() {
  body.position.set(rocket.x, Math.max(rocket.y, 0), 0)
  body.rotation.z = -rocket.angle
  flame.scale.setScalar(Math.max(rocket.throttle, 0.01))
  flame.position.y = 0.4 - rocket.throttle
  flame.rotation.z = 0.4 * rocket.gimbal
  renderer.render(scene, camera)
}

// The policy was trained on steps of 50 ms, whatever the screen's rate is.
let behind = 0
let last = performance.now()
renderer.setAnimationLoop(now => {
  behind = Math.min(behind + now - last, 200)
  last = now
  for (; behind >= 50; behind -= 50) step()
  draw()
})
