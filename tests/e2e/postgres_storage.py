"""A volume of the test bed on a small file system of its own, so that it can be full, or dead, or grow."""
import pathlib
import shutil
import tempfile

import api
import bed
import postgres_bed as postgres


def volume_folder(instance, namespace=bed.NAMESPACE):
    claim = api.get("persistentvolumeclaims", instance, namespace)
    return pathlib.Path(api.get("persistentvolumes", claim["spec"]["volumeName"])["spec"]["local"]["path"])


class LoopVolume:
    """From entry to exit one standby's data lie on ext4 in a file.
    Its node loses its power for the change both times."""

    def __init__(self, instance, megabytes):
        self.instance, self.megabytes = instance, megabytes
        self.folder = volume_folder(instance.name)
        # Beside the cluster's own files, so that taking the cluster down leaves nothing.
        self.image = self.folder.parents[3] / f"volume-{instance.name}.img"

    def __enter__(self):
        bed.cluster("node", "stop", self.instance.node)
        try:
            bed.run("truncate", "-s", f"{self.megabytes}M", self.image)
            bed.run("mkfs.ext4", "-q", "-F", "-m", "0", self.image)
            self.copy(from_image=False)
            bed.run("mount", "-o", "loop", self.image, self.folder)
        finally:
            bed.cluster("node", "start", self.instance.node)
        postgres.wait_healthy()
        return self

    def copy(self, from_image):
        place = tempfile.mkdtemp(prefix="cadence-volume-")
        bed.run("mount", "-o", "loop", self.image, place)
        try:
            source, target = (place, self.folder) if from_image else (self.folder, place)
            if from_image:
                bed.run("find", self.folder, "-mindepth", "1", "-delete")
            bed.run("cp", "-a", f"{source}/.", target)
            if not from_image:
                bed.run("chmod", "777", place)
            shutil.rmtree(f"{target}/lost+found", ignore_errors=True)
        finally:
            bed.run("umount", place)
            pathlib.Path(place).rmdir()

    def freeze(self):
        """Whoever writes, or reads what is not in memory, waits for ever; connections stay."""
        bed.run("fsfreeze", "--freeze", self.folder)

    def thaw(self):
        bed.run("fsfreeze", "--unfreeze", self.folder, check=False)

    def shrink_to(self, free):
        """A filler takes what a smaller volume would not have; grow() gives it back.
        (Growing ext4 needs rights that a container lacks.)"""
        bed.run("fallocate", "-l", f"{max(1, self.free_megabytes() - free)}M", self.folder / "filler")

    def grow(self):
        (self.folder / "filler").unlink(missing_ok=True)

    def free_megabytes(self):
        return shutil.disk_usage(self.folder).free // 2**20

    def __exit__(self, *_):
        self.thaw()
        self.grow()
        bed.cluster("node", "stop", self.instance.node)
        try:
            bed.run("umount", self.folder)
            self.copy(from_image=True)
            self.image.unlink()
        finally:
            bed.cluster("node", "start", self.instance.node)
