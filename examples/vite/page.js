import { drawScene } from 'soft-actor-critic'

const canvas = document.querySelector('canvas')
const context = canvas.getContext('2d')
const worker = new Worker(new URL('./learn.js', import.meta.url), { type: 'module' })

worker.onmessage = ({ data }) => {
  if (data.scene) drawScene(context, data.scene, canvas)
  if (data.step) document.querySelector('#step').value = data.step
  if (data.return) document.querySelector('#return').value = Math.round(data.return)
}
worker.onerror = ({ message }) => document.body.append(`The Worker failed: ${message}`)
