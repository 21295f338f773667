import { type ChartPanel, lineChartSvg } from '../../../src/chart/line-chart.ts'
import { copyText, download } from '../actions.ts'
import { report } from '../notices.ts'

export async function copySvg(panel: ChartPanel, name: string): Promise<void> {
  if (hasLines(panel)) await copyText(lineChartSvg([panel]), `${name}.svg`)
}

/** A chart may be zoomed to where nothing is. */
function hasLines({ lines, title }: ChartPanel): boolean {
  if (lines.length === 0) report(`No point of ${title} is in sight. Zoom out first.`)
  return lines.length > 0
}

/** Twice as many pixels as on the screen, so that it can be printed. */
const SCALE = 2

/** Puts the picture into the clipboard or, where that is not allowed, into a file. */
export async function copyPng(panel: ChartPanel, name: string): Promise<void> {
  if (!hasLines(panel)) return
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(lineChartSvg([panel]))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = image.naturalWidth * SCALE
  canvas.height = image.naturalHeight * SCALE
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const png = await new Promise<Blob>((resolve, reject) =>
    canvas.toBlob(blob => (blob ? resolve(blob) : reject(new Error('The picture cannot be made.')))),
  )
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
    report(`Copied ${name}.png.`)
  } catch {
    download(png, `${name}.png`)
  }
}
