// CRC-32 of frames of the cube at 320x240, without captions: what
// `test_cube_scene --golden N...` prints on any machine.
{ 0, 0x498ddf00 },
{ 1, 0x73c87ced },
{ 60, 0x4e3a93be },
{ 90, 0xd58199d6 },
{ 200, 0x18c89445 },
{ 599, 0x414445ac },
{ 100000, 0xfdea60d8 },
