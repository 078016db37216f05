package main

// The default StorageClass of the test bed: every claim gets a folder of its
// own on the node the scheduler chose. All nodes of the bed live on one
// machine, so this runs once, beside the control plane, with no helper pods.

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

const provisionerName = "cadence-bed/local"

type localVolumes struct{ root string }

func (l localVolumes) folder(node, volume string) string {
	return filepath.Join(l.root, node, "volumes", volume)
}

func (l localVolumes) Provision(_ context.Context, o controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	if o.SelectedNodeName == "" {
		return nil, controller.ProvisioningFinished, fmt.Errorf("claim %s has no node yet", o.PVC.Name)
	}
	node := o.SelectedNodeName
	path := l.folder(node, o.PVName)
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	// Any user of the pod may write, whatever the umask of this process was.
	if err := os.Chmod(path, 0o777); err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	volume := &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{Name: o.PVName, Labels: map[string]string{"cadence-bed/node": node}},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: *o.StorageClass.ReclaimPolicy,
			AccessModes:                   o.PVC.Spec.AccessModes,
			VolumeMode:                    o.PVC.Spec.VolumeMode,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: o.PVC.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource:        v1.PersistentVolumeSource{Local: &v1.LocalVolumeSource{Path: path}},
			NodeAffinity: &v1.VolumeNodeAffinity{Required: &v1.NodeSelector{NodeSelectorTerms: []v1.NodeSelectorTerm{{
				MatchExpressions: []v1.NodeSelectorRequirement{{
					Key: v1.LabelHostname, Operator: v1.NodeSelectorOpIn, Values: []string{node},
				}},
			}}}},
		},
	}
	return volume, controller.ProvisioningFinished, nil
}

func (l localVolumes) Delete(_ context.Context, volume *v1.PersistentVolume) error {
	path := l.folder(volume.Labels["cadence-bed/node"], volume.Name)
	// A label edited by hand must not turn this into the removal of something else.
	if volume.Spec.Local == nil || volume.Spec.Local.Path != path {
		return &controller.IgnoredError{Reason: "the volume's path is not one this provisioner made"}
	}
	return os.RemoveAll(path)
}

func provisionLocalVolumes() int {
	flags := flag.NewFlagSet("local-volumes", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "credentials for the API server")
	root := flags.String("root", "", "folder that holds one folder per node")
	klog.InitFlags(flags)
	_ = flags.Parse(os.Args[1:])
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil || *root == "" {
		klog.Errorf("--kubeconfig and --root are needed: %v", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	client := kubernetes.NewForConfigOrDie(config)
	if _, err := client.Discovery().ServerVersion(); err != nil && !errors.IsServiceUnavailable(err) {
		klog.Errorf("Could not reach the API server: %v", err)
		return 1
	}
	controller.NewProvisionController(ctx, client, provisionerName, localVolumes{root: *root},
		controller.LeaderElection(false), controller.Threadiness(8)).Run(ctx)
	return 0
}
