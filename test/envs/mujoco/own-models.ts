/** A swimmer with one link more than Gymnasium's: 10 observations and 3 actions. */
const link = (name: string, inner: string) =>
  `<body name="${name}" pos="-1 0 0"><joint name="${name}" type="hinge" axis="0 0 1" range="-100 100" limited="true"/>` +
  `<geom type="capsule" size="0.1" fromto="0 0 0 -1 0 0" density="1000"/>${inner}</body>`

/** With its motors in a file of their own. */
export const LONG_SWIMMER = `<mujoco model="long swimmer">
  <compiler angle="degree"/>
  <option density="4000" integrator="RK4" timestep="0.01" viscosity="0.1"/>
  <default><geom contype="0" conaffinity="0"/><joint armature="0.1"/></default>
  <worldbody><body name="torso" pos="0 0 0">
    <joint name="x" type="slide" axis="1 0 0"/><joint name="y" type="slide" axis="0 1 0"/><joint name="turn" type="hinge" axis="0 0 1"/>
    <geom type="capsule" size="0.1" fromto="1 0 0 0 0 0" density="1000"/>
    <geom type="ellipsoid" size="0.1 0.1 0.1" density="1000"/>
    ${link('first', link('second', link('third', '')))}
  </body></worldbody>
  <include file="parts/motors.xml"/>
</mujoco>`

export const MOTORS = `<mujoco><actuator>${['first', 'second', 'third']
  .map(joint => `<motor joint="${joint}" gear="150" ctrllimited="true" ctrlrange="-1 1"/>`)
  .join('')}</actuator></mujoco>`
