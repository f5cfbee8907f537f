// CRC-32 of frames of the cube at 320x240, without captions: what
// `test_cube_scene --golden N...` prints on any machine.
{ 0, 0xfc20d993 },
{ 1, 0xe1cce4df },
{ 60, 0x29994488 },
{ 90, 0x8eb4d77d },
{ 200, 0x1648bb2e },
{ 599, 0xdd2b1394 },
{ 100000, 0xbed08378 },
